// adaptor: common
// state: {"data": {}}
fn(() => {
  throw 'a text'
})
