// adaptor: http
// state: {"data": {}}
get('http://example.org/x')
