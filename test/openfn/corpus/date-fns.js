// adaptor: common
// state: {"data": {}}
fn((s) => ({ ...s, day: dateFns.format(dateFns.parse('2026-02-03', 'yyyy-MM-dd', new Date(0)), 'dd/MM/yyyy') }))
