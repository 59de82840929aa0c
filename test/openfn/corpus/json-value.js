// adaptor: common
// state: {"data": {}}
fn((s) => ({ ...s, v: jsonValue({ a: { b: 1 } }, 'a.b'), i: index()({ index: 4 }), d: asData(3, s) }))
