// adaptor: http
// state: {"data": {}}
post('/things', { a: '1' }, { contentType: 'form' })
