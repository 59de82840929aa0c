// adaptor: common
// state: {"data": {}}
fn((state) => ({ ...state, n: 1 }))
fn((state) => ({ ...state, n: state.n + 1 }))
