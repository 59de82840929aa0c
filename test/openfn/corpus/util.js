// adaptor: common
// state: {"data": {}}
fn((s) => ({ ...s, e: util.encode('abc'), d: util.decode(util.encode('abc')) }))
