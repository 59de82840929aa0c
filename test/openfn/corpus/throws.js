// adaptor: common
// state: {"data": {}}
fn((s) => ({ ...s, lost: true }))
fn(() => {
  throw new Error('a text')
})
