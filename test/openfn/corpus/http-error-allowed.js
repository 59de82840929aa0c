// adaptor: http
// state: {"data": {}}
get('/status/404', { errors: { 404: false } })
