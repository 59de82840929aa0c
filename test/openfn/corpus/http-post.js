// adaptor: http
// state: {"data": {}}
post('/things', { a: 1, b: [1, 2] })
