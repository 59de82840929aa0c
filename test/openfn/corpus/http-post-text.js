// adaptor: http
// state: {"data": {}}
post('/things', JSON.stringify([1, 2]), { headers: { 'content-type': 'application/json' } })
