// adaptor: http
// state: {"data": {}}
get('/status/500')
