// adaptor: http
// state: {"data": {}}
post('/things', 'plain', { contentType: 'string' })
