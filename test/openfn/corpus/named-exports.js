// adaptor: common
// state: {"data": {"rows": [{"id": 1, "sex": "1", "name": "Abel"}, {"id": 2, "sex": "2", "name": "Sara"}, {"id": 3, "sex": "1", "name": "Nyakim"}]}}
export const sexOf = (c) => ({ 1: 'male', 2: 'female' })[c]
fn((s) => ({ ...s, sexes: s.data.rows.map((r) => sexOf(r.sex)) }))
