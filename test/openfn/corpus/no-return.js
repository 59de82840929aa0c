// adaptor: common
// state: {"data": {}}
fn((s) => ({ ...s, lost: 1 }))
fn(() => {})
fn((s) => ({ ...s, after: Object.keys(s).length }))
