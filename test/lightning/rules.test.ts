import { describe, expect, test } from 'vitest'
import { conditionTroubles, scriptTroubles } from '../../src/lightning/scriptRules.ts'
import { linesOf } from '../../src/run/script/place.ts'
import { parseScript } from '../../src/run/script/syntax.ts'

describe('what runs here and not, or not so, on Lightning is named with its place', () => {
  test.each([
    ['fn(s => fetch("/x"));', '1:9 there is no `fetch`'],
    ['fn(s => new URL(s.data.a));', '1:13 there is no `URL`'],
    ['fn(s => ({ ...s, id: crypto.randomUUID() }));', '1:22 there is no `crypto`'],
    ['fn(s => process.env.A);', '1:9 there is no `process`'],
    ['fn(s => new TextEncoder().encode(s.a));', '1:13 there is no `TextEncoder`'],
    ['fn(s => structuredClone(s));', '1:9 there is no `structuredClone`'],
    ['each(state.data.rows, fn(s => s));', '1:6 the global `state`'],
    ["import { v4 } from 'uuid';\nfn(s => ({ ...s, id: v4() }));", '1:1 imports uuid'],
    ["import { fn } from '@openfn/language-http';\nexport default [fn(s => s)];", '2:1 leaves out the adaptor'],
    ["fn(state => ({ ...state, why: state.errors['send-it'] }));", '1:31 looks up an error by its step'],
    ["post('/x', [1, 2]);", '1:12 post sends a list piece by piece'],
    ["http.post('/x', {}, { headers: { a: $.a } });", '1:37 `$` in the options of post'],
    ["get('/x', { headers: { Authorization: 'Basic abc' } });", '1:24 "Authorization" is written into the script'],
    ["post('/x', {}, { agentOptions: {} });", '1:18 `agentOptions` is read by old adaptors only'],
    ["const key = '-----BEGIN PRIVATE KEY-----';", '1:13 holds a certificate or a key'],
  ])('%s', (script, expected) => {
    expect(troublesIn(script).some((trouble) => trouble.startsWith(expected))).toBe(true)
  })

  test.each([
    "get('/x', { query: $.query, headers: { Authorization: state => state.configuration.key } });",
    'fn(state => ({ ...state, why: Object.values(state.errors ?? {})[0] }));',
    "collections.set('kept', 'a', state => state.data);",
    "import { fn } from '@openfn/language-http';\nexport * from '@openfn/language-http';\nexport default [fn(s => s)];",
    "post('/x', state => JSON.stringify([state.data]));",
    "fn(state => ({ ...state, day: new Intl.DateTimeFormat('en').format(new Date()) }));",
  ])('nothing is said of: %s', (script) => {
    expect(troublesIn(script)).toEqual([])
  })
})

describe('a condition that may throw ends the run on Lightning', () => {
  test.each([
    ['state.data.request.type === 1', 1],
    ['state.list[0].a', 1],
    ['state.data.type === 1', 0],
    ['state.data?.request?.type === 1', 0],
    ['(state.data?.a ?? state.data?.data?.a) === 1', 0],
    ["['a', 'b'].includes(state.data?.kind)", 0],
    ['!state.errors', 0],
  ])('%s', (expression, count) => {
    expect(conditionTroubles(expression)).toHaveLength(count)
  })
})

function troublesIn(script: string): readonly string[] {
  const parsed = parseScript(script)
  if ('problem' in parsed) throw new Error(parsed.problem.message)
  const lines = linesOf(script)
  return scriptTroubles(parsed.program, '@openfn/language-http').map(({ at, message }) => {
    const { line, column } = lines.placeOf(at)
    return `${line}:${column} ${message}`
  })
}
