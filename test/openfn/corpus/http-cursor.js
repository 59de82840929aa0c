// adaptor: http
// state: {"data": {}}
cursor('2026-01-01T00:00:00Z')
get('/since', { query: { since: $.cursor } })
