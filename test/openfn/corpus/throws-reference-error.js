// adaptor: common
// state: {"data": {}}
fn(() => notThere)
