// adaptor: common
// state: {"data": {}}
fn(() => {
  throw new Error('x')
}).catch(() => {
  throw new Error('z')
})
