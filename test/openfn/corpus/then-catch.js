// adaptor: common
// state: {"data": {}}
fn((s) => s)
  .then(() => {
    throw new Error('y')
  })
  .catch((...all) => ({ data: {}, given: all.length }))
