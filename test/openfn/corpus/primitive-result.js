// adaptor: common
// state: {"data": {}}
fn(() => 5)
