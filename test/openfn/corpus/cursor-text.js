// adaptor: common
// state: {"data": {}}
cursor('2026-01-31T00:00:00Z')
fn((s) => ({ ...s, was: s.cursor }))
