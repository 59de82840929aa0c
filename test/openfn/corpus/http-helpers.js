// adaptor: http
// state: {"data": {}}
fn((s) => ({
  ...s,
  e: util.encode('a'),
  d: util.decode(util.encode('a')),
  u: util.uuid().length,
  c: chunk([1, 2, 3], 1).length,
  h: humanProper('a_b'),
  day: dateFns.format(new Date(0), 'yyyy'),
}))
