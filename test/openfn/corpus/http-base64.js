// adaptor: http
// state: {"data": {}}
get('/text', { parseAs: 'base64' })
