// adaptor: http
// state: {"data": {}}
get('/redirect')
