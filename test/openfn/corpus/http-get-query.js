// adaptor: http
// state: {"data": {}}
get('/things', { query: { a: 1, b: 'x y' }, headers: { 'x-own': 'v' } })
