// adaptor: http
// state: {"data": {}, "configuration": {"access_token": "t"}}
get('/things')
