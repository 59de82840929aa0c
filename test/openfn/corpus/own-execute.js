// adaptor: common
// state: {"data": {}}
export const execute =
  (...all) =>
  (s) => ({ ...s, count: all.length })
fn((s) => s)
