// adaptor: http
// state: {"data": {}}
request('POST', '/things', { body: { a: 1 }, query: { q: 1 } })
