// adaptor: common
// state: {"data": {"b": 1}}
validate({ type: 'object', required: ['a'] }, '$.data')
