// adaptor: http
// state: {"data": {}}
get('/text', { parseAs: 'text' })
