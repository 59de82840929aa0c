// adaptor: http
// state: {"data": {"id": 7}, "query": {"a": 1}}
get(`/things/${$.data.id}`, { query: $.query })
