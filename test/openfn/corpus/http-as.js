// adaptor: http
// state: {"data": {}}
as('users', get('/users'))
fnIf($.users, get('/more'))
