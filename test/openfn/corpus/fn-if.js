// adaptor: common
// state: {"data": {}}
fnIf(
  true,
  fn((s) => ({ ...s, a: 1 })),
)
fnIf(
  (state) => state.b,
  fn((s) => ({ ...s, wrong: true })),
)
fnIf(
  $.a,
  fn((s) => ({ ...s, c: 1 })),
)
