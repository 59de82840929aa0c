// adaptor: http
// state: {"data": {}}
get('/one')
get('/two')
fn((s) => ({ ...s, firsts: s.references.map((r) => r?.path ?? null) }))
