// adaptor: common
// state: {"data": {}}
fn((s) => ({ ...s, order: [...(s.order ?? []), 'outside'] }))
export default [fn((s) => ({ ...s, order: ['listed'] }))]
