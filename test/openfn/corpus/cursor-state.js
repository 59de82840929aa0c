// adaptor: common
// state: {"data": {}}
cursor($.data.since, { key: 'from', defaultValue: 'never' })
