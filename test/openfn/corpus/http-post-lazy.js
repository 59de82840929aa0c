// adaptor: http
// state: {"data": {"n": 1}, "own": "v"}
post('/things', $.data, { headers: { 'x-own': (s) => s.own } })
