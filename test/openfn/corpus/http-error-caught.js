// adaptor: http
// state: {"data": {}}
get('/status/404').catch((error, state) => ({ ...state, status: error.statusCode }))
