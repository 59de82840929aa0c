// adaptor: http
// state: {"data": {}}
put('/things/1', { a: 2 })
