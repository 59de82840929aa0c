// adaptor: common
// state: {"data": {}}
fn((s) => ({ ...s, a: 1 }))
  .then((s) => ({ ...s, b: s.a + 1 }))
  .then((s) => ({ ...s, c: s.b + 1 }))
