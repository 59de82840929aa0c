// adaptor: common
// state: {"data": {"a": {"b": 5}}}
fn((state) => ({ ...state, path: dataPath('a.b'), value: dataValue('a.b')(state) }))
