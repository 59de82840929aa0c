// adaptor: http
// state: {"data": {}}
fn(async (state) => {
  const next = await get('/a')(state)
  return post('/b', { was: next.data.path })(next)
})
