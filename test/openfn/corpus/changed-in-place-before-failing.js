// adaptor: common
// state: {"data": {}}
fn((state) => {
  state.kept = true
  throw new Error('x')
})
