// adaptor: http
// state: {"data": {}}
patch('/things/1', { a: 3 })
