// adaptor: common
// state: {"data": [1, 2, 3]}
fn((s) => ({ ...s, count: s.data.length }))
