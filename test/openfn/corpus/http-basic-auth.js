// adaptor: http
// state: {"data": {}, "configuration": {"username": "u", "password": "p"}}
get('/things')
