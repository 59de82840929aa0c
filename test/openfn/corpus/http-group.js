// adaptor: http
// state: {"data": {}}
get('/list')
group('$.data.items[*]', 'kind')
