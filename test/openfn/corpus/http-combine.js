// adaptor: http
// state: {"data": {}}
combine(
  fn((state) => ({ ...state, a: 1 })),
  fn((state) => ({ ...state, b: state.a + 1 })),
)
get('/things', { query: { b: $.b } })
