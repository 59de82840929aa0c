// adaptor: common
// state: {"data": {}}
fn((s) => ({
  ...s,
  chunks: chunk([1, 2, 3], 2),
  proper: humanProper('some_name here'),
  list: toArray(1),
  text: arrayToString(['a', 'b'], '; '),
  clean: scrubEmojis('a😀b', '-'),
}))
