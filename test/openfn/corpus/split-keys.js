// adaptor: common
// state: {"data": {}}
fn((s) => ({ ...s, split: splitKeys({ a: 1, b: 2 }, ['a']) }))
