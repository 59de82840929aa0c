// adaptor: common
// state: {"data": {}}
fn(() => {})
