// adaptor: common
// state: {"data": {"x": 3, "rows": [{"id": 1}]}}
fn((state) => ({
  ...state,
  one: fields(field('a', 1), field('b', dataValue('x')(state))),
  many: merge('$.data.rows[*]', fields(field('z', 9)))(state),
}))
