// adaptor: common
// state: {"data": {"rows": [{"id": 1, "sex": "1", "name": "Abel"}, {"id": 2, "sex": "2", "name": "Sara"}, {"id": 3, "sex": "1", "name": "Nyakim"}]}}
group('$.data.rows[*]', 'sex')
