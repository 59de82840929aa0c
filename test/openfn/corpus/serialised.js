// adaptor: common
// state: {"data": {}}
fn((s) => ({ ...s, date: new Date(0), map: new Map([[1, 2]]), fn: () => 1, none: undefined, nan: NaN }))
