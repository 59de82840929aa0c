// adaptor: common
// state: {"data": {}}
fn(() => {
  throw new Error('x')
}).catch((error, state) => ({ ...state, caught: error.message }))
