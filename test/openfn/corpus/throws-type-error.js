// adaptor: common
// state: {"data": {}}
fn((state) => state.data.a.b.c)
