// adaptor: http
// state: {"data": {}}
get('/list')
each($.data.items, post('/things', { id: $.data.id }))
