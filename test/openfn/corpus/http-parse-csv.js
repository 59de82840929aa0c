// adaptor: http
// state: {"data": {}}
get('/csv', { parseAs: 'text' })
parseCsv($.data, { columns: true })
