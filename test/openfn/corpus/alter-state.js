// adaptor: common
// state: {"data": {}}
alterState((state) => ({ ...state, data: { a: 1 } }))
