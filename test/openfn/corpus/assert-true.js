// adaptor: common
// state: {"data": {"ok": true}}
assert($.data.ok, 'not ok')
fn((s) => ({ ...s, passed: true }))
