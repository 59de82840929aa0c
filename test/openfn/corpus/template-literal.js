// adaptor: common
// state: {"data": {"a": 1}}
fn(($) => ({ ...$, text: `${$.data.a}-${$.data.a}` }))
