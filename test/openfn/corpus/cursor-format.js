// adaptor: common
// state: {"data": {}}
cursor('2026-01-31T00:00:00Z', { format: (v) => String(v).slice(0, 10) })
