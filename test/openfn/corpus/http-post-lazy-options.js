// adaptor: http
// state: {"data": {"n": 1}, "query": {"a": 1}, "headers": {"x-own": "v"}}
post('/things', $.data, { query: $.query, headers: $.headers })
