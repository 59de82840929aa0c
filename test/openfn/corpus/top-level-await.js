// adaptor: common
// state: {"data": {}}
const table = await Promise.resolve({ a: 'b' })
fn((s) => ({ ...s, table }))
