// adaptor: common
// state: {"data": {"a": 1}}
log('a', $.data)
debug('b')
fn((s) => s)
