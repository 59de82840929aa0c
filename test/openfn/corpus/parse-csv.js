// adaptor: common
// state: {"data": {}}
parseCsv('a,b\n1,2\n3,4', { columns: true })
