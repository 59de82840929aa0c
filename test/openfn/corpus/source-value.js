// adaptor: common
// state: {"data": {"a": 5}}
fn((state) => ({ ...state, v: sourceValue('$.data.a')(state), all: source('$.data.a')(state) }))
