// adaptor: common
// state: {"data": {}}
fn((s) => {
  const a = { name: 'a' }
  a.self = a
  return { ...s, a }
})
