// adaptor: common
// state: {"data": {}, "references": [{"x": 1}, {"x": 2}]}
fn((state) => ({ ...state, first: lastReferenceValue('x')(state), path: referencePath('x') }))
