// adaptor: http
// state: {"data": {}}
get((state) => `${state.configuration.baseUrl}/absolute`)
