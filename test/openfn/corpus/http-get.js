// adaptor: http
// state: {"data": {}}
get('/things')
