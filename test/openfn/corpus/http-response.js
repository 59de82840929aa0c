// adaptor: http
// state: {"data": {}}
get('/things')
fn((s) => ({ ...s, status: s.response.statusCode }))
