// adaptor: common
// state: {"data": "abc"}
fn((s) => ({ ...s, size: s.data.length }))
