// adaptor: common
// state: {"data": {}}
fn((state) => http.get(`${state.configuration.baseUrl}/common`)(state))
