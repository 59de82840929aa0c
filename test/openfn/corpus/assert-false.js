// adaptor: common
// state: {"data": {"ok": false}}
assert((state) => state.data.ok, 'not ok')
fn((s) => ({ ...s, wrong: true }))
