// adaptor: http
// state: {"data": {}}
del('/things/1')
