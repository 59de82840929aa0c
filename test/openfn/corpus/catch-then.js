// adaptor: common
// state: {"data": {}}
fn(() => {
  throw new Error('x')
})
  .catch((_error, s) => ({ ...s, caught: true }))
  .then((s) => ({ ...s, after: true }))
