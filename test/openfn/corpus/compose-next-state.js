// adaptor: common
// state: {"data": {"a": 1}, "references": [0]}
fn((state) => composeNextState(state, { next: true }))
