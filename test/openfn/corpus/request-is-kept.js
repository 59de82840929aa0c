// adaptor: common
// state: {"data": {}, "request": {"method": "POST"}}
fn((s) => ({ ...s, method: s.request.method }))
