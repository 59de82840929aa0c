// adaptor: common
// state: {"data": {"x": 3, "rows": [{"id": 1}, {"id": 2}]}}
fn((state) => ({ ...state, joined: join('$.data.rows[*]', '$.data.x', 'parent')(state) }))
