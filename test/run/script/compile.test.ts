import { describe, expect, test } from 'vitest'
import { body, collections, compiled, http, moduleCode, onOneLine, problems } from './compiled.ts'

describe('calls at the top become the list of operations', () => {
  test('imports come from the adaptor, whose execute comes with them', () => {
    const code = moduleCode(`fn(state => ({ ...state, n: 1 }));\nget('/cases', { query: $.query });\n`)

    expect(onOneLine(code)).toBe(
      'import { fn, get } from "@openfn/language-http"; export * from "@openfn/language-http"; ' +
        "export default [fn(state => ({ ...state, n: 1 })), get('/cases', state => ({ query: state.query }))];",
    )
  })

  test.each([
    ['', 'export default [];'],
    ["const url = '/x'; get(url)", "const url = '/x'; export default [get(url)];"],
    ["get(url); const url = '/x'", "const url = '/x' export default [get(url)];"],
    ['fn(s => s)', 'export default [fn(s => s)];'],
    ['fn(s => s)\n\n/* end */', '/* end */ export default [fn(s => s)];'],
    ['if (true) { var a = 1 }; fn(s => s)', 'if (true) { var a = 1 }; export default [fn(s => s)];'],
    ['await Promise.resolve(); fn(s => s)', 'await Promise.resolve(); export default [fn(s => s)];'],
    ['#!/usr/bin/env openfn\nfn(s => s)', '#!/usr/bin/env openfn export default [fn(s => s)];'],
  ])('%j', (source, expected) => {
    expect(body(source)).toBe(expected)
  })

  test('those of a list that the script exports itself go first', () => {
    expect(body("fn(s => s); export default [get('/x')];")).toBe("export default [get('/x'), fn(s => s)];")
    expect(body("fn(s => s); export default [get('/x'),];")).toBe("export default [get('/x'), fn(s => s)];")
    expect(body('fn(s => s); export default [];')).toBe('export default [fn(s => s)];')
  })

  test('named exports stay', () => {
    const source = "export const toSex = c => ({ 1: 'male' })[c];\nfn(s => ({ ...s, sex: toSex(s.data.sex) }));"

    expect(body(source)).toBe(
      "export const toSex = c => ({ 1: 'male' })[c]; export default [fn(s => ({ ...s, sex: toSex(s.data.sex) }))];",
    )
  })

  test('a module with imports and a list is left as it is, and gets no execute', () => {
    const source = "import { fn } from '@openfn/language-common';\nconst one = s => s;\nexport default [fn(one)];\n"

    expect(moduleCode(source)).toBe(source)
  })
})

describe('$ is the state to come', () => {
  test.each([
    [`get(\`/cases/\${$.data.id}/referrals\`);`, `get(state => \`/cases/\${state.data.id}/referrals\`)`],
    [
      "each($.cases, post('/r', { id: $.data.id }));",
      "each(state => state.cases, post('/r', state => ({ id: state.data.id })))",
    ],
    ["post('/x', { a: $.a, b: [$.b, ...$.c] });", "post('/x', state => ({ a: state.a, b: [state.b, ...state.c] }))"],
    ["get('/x', { ...$.query, q: $.a?.b['c'] });", "get('/x', state => ({ ...state.query, q: state.a?.b['c'] }))"],
    ["post('/x', $.a ? $.b : 'none');", "post('/x', state => state.a ? state.b : 'none')"],
    ["post('/x', { at: new Date($.at) });", "post('/x', state => ({ at: new Date(state.at) }))"],
    ["get('/x', state => $.query);", "get('/x', state => state.query)"],
    ["get('/x', (state) => ({ q: $.query }));", "get('/x', (state) => ({ q: state.query }))"],
    ['fn($ => $);', 'fn($ => $)'],
    ['fn(($) => ({ ...$, x: $.data.x }));', 'fn(($) => ({ ...$, x: $.data.x }))'],
    ["fn(state => get('/y', { id: $.id })(state));", "fn(state => get('/y', state => ({ id: state.id }))(state))"],
    [
      "post('/x', { method: $.method, x: { $: 1 }.$ });",
      "post('/x', state => ({ method: state.method, x: { $: 1 }.$ }))",
    ],
  ])('%s', (source, operation) => {
    expect(body(source)).toBe(`export default [${operation}];`)
  })

  test.each([
    [
      "post('/x', $.items.map(i => i.id));",
      '1:12  $ cannot be used to call a method (map) on it: that would run before there is a state. Give the operation a function: state => state.x.method(…)',
    ],
    [
      'const x = { a: $.y };',
      '1:16  $ must be in an argument of an operation, not in a value that is made when the script is loaded. Make it a function: const x = state => state.y',
    ],
    [
      'fn(state => { const x = $.y; return state; });',
      '1:25  $ must be in an argument of an operation, not in the body of a function. Use state there.',
    ],
    [
      "post('/x', Object.values($.r).length);",
      '1:26  $ cannot be an argument of Object.values(…): that would get a function instead of the value. Give the operation a function: state => Object.values(state.x)',
    ],
    [
      `get(\`/x/\${encodeURIComponent($.id)}\`);`,
      '1:30  $ cannot be an argument of encodeURIComponent(…): that would get a function instead of the value. Give the operation a function: state => encodeURIComponent(state.x)',
    ],
    [
      "post('/x', 'a'.concat($.b));",
      '1:23  $ cannot be an argument of concat(…): that would get a function instead of the value. Give the operation a function: state => concat(state.x)',
    ],
    ["each('$.data', x => post('/x', $.y));", undefined],
    [
      "each('$.data', x => $.y);",
      '1:21  $ is used in a function whose parameter is "x"; it can only mean "state". Name the one parameter state, or use its own name instead of $.',
    ],
    [
      'fn((state, other) => $.y);',
      '1:22  $ is used in a function whose parameter is "state"; it can only mean "state". Name the one parameter state, or use its own name instead of $.',
    ],
    ['fn($);', '1:4  $ stands alone; only a part of it ($.data) can be handed on. Write: state => state'],
    ['get(...$.args);', '1:8  $ cannot be spread into arguments. Write the arguments one by one.'],
  ])('%s', (source, problem) => {
    expect(problems(source)).toEqual(problem === undefined ? [] : [problem])
  })
})

describe('.then and .catch on an operation', () => {
  const withDefer = (operation: string) =>
    `import { defer as _defer } from "@openfn/runtime"; export default [${operation}];`

  test.each([
    ["get('/a').then(f).then(g);", "_defer(get('/a'), p => p.then(f).then(g))"],
    ["get('/a').then(f).catch(h);", "_defer(get('/a'), p => p.then(f).catch(h))"],
    ["get('/c').catch((e, s) => s);", "_defer(get('/c'), undefined, (e, s) => s)"],
    ["get('/c').catch(h).then(f);", "_defer(get('/c'), p => p.then(f), h)"],
    ["get('/c').catch(h).then(f).catch(i)", "_defer(get('/c'), p => p.then(f).catch(i), h)"],
    ['get($.url).then($.x);', '_defer(get(state => state.url), p => p.then(state => state.x))'],
    [
      'get($.url).catch((e, state) => $.x).then(f);',
      '_defer(get(state => state.url), p => p.then(f), (e, state) => state.x)',
    ],
    ["each('$.a', get('/a').then(f));", "each('$.a', _defer(get('/a'), p => p.then(f)))"],
    [
      "each($.a, get('/a').catch(h)).then(f);",
      "_defer(each(state => state.a, _defer(get('/a'), undefined, h)), p => p.then(f))",
    ],
  ])('%s', (source, operation) => {
    const declared = `const f = 1, g = 1, h = 1, i = 1;\n`

    const found = compiled(declared + source)

    if ('problems' in found)
      expect(found.problems.map(({ message }) => message)).toEqual([
        '$ is used in a function whose parameter is "e"; it can only mean "state".',
      ])
    else expect(body(declared + source).replace('const f = 1, g = 1, h = 1, i = 1; ', '')).toBe(withDefer(operation))
  })

  test('inside a function they are what JavaScript makes of them', () => {
    expect(body("fn(state => get('/a')(state).then(s => s));")).toBe(
      "export default [fn(state => get('/a')(state).then(s => s))];",
    )
  })
})

describe('names', () => {
  test('only those that the adaptor exports and the script does not declare are imported', () => {
    const source =
      'const get = 1;\nconst { post, ...rest } = {};\nfunction each() {}\nfn(state => [get, post, each, rest, fetch, console]);'

    expect(moduleCode(source)).toMatch(/^import \{ fn \} from "@openfn\/language-http";\n/)
  })

  test.each([
    'x.get',
    '({ get: 1 })',
    '(get => get)(1)',
    'class A { get() {} }',
    'get: for (;;) break get',
    '(() => { var get; return get })()',
  ])('in %s nothing is imported', (source) => {
    expect(
      moduleCode(
        `const x = {};\n${source.startsWith('class') || source.startsWith('get:') ? source : `const y = ${source}`}`,
      ),
    ).not.toContain('import')
  })

  test.each(['({ get })', `\`\${get}\``, '[...get]', 'x[get]', '({ [get]: 1 })', 'typeof get', '(() => get)'])(
    'in %s the name is',
    (source) => {
      expect(moduleCode(`const x = {};\nconst y = ${source}`)).toContain('import { get }')
    },
  )

  test('whoever names the other adaptor gets it too, with its execute', () => {
    const code = moduleCode("fn(s => s);\ncollections.get('a', 'b');", [http, collections])

    expect(code).toContain(
      'import { collections } from "@openfn/language-collections";\nexport * from "@openfn/language-collections";',
    )
  })

  test('an adaptor of which nothing is used is not imported', () => {
    expect(moduleCode('const x = 1')).toBe('const x = 1\nexport default [];\n')
  })
})

describe('what OpenFn would crash on, or silently do otherwise, is told with its place', () => {
  test.each([
    [
      "console.log('x');\nfn(s => s);",
      '1:1  console.log(…) is no operation, and a call at the top of a script must be one. Move it into an operation: fn(state => { …; return state })',
    ],
    ["fn(s => s);\ngte('/x');", '2:1  "gte" is neither in this file nor in @openfn/language-http. Did you mean "get"?'],
    [
      'fn(s => s);\nupsertCase(1);',
      '2:1  "upsertCase" is neither in this file nor in @openfn/language-http. Known: fn, get, post, each, field, execute, fnIf, util, dateFns, combine.',
    ],
    ['for (elt of [1]) {}', '1:6  "elt" is neither in this file nor in @openfn/language-http. Did you mean "get"?'],
    [
      'each(state.data.rows, fn(s => s));',
      '1:6  there is no state yet when a script is loaded. Use $ or a function (state => state.data); for an old script set "legacy" for this job in the settings.',
    ],
    [
      "export default [get('/x')];\nfn(s => s);",
      '1:1  export default is not the last statement, so the operation outside it would never run. Move it to the end.',
    ],
    [
      "const list = [get('/x')];\nfn(s => s);\nget('/y');\nexport default list;",
      '4:1  export default is not written as a list [ … ], so the 2 operations outside it would never run. Write the operations into it.',
    ],
    [
      'export default function () {}',
      '1:1  the default export is no list of operations. End the file with: export default [operation, …]',
    ],
    [
      "post('/x', { body: $.data, agentOptions: { key: $.key } });",
      '1:12  post(url, { … }) would send a private key as part of the body: the data come second, the options third. Write post(url, data, { headers }), with key and certificate in the credential as configuration.tls.',
    ],
    ['fn(s => s', '1:10  Unexpected token.'],
    ['const a = 1; const a = 2', "1:20  Identifier 'a' has already been declared."],
  ])('%j', (source, problem) => {
    expect(problems(source)).toEqual([problem])
  })

  test('all of it at once, in the order of the text', () => {
    expect(problems("fn($);\ngte('/x');\nconsole.log(1);").map((line) => line.split(' ')[0])).toEqual([
      '1:4',
      '2:1',
      '3:1',
    ])
  })

  test('a name that only a function uses is a warning: it may never be reached', () => {
    const found = compiled('fn(state => { if (state.old) gte(1); return state });')

    expect('script' in found).toBe(true)
    expect(problems('fn(state => { if (state.old) gte(1); return state });')).toEqual([
      '1:30  "gte" is neither in this file nor in @openfn/language-http. Did you mean "get"?',
    ])
    expect(problems('fn(state => typeof gte)')).toEqual([])
  })

  test('an operation in an if is a warning', () => {
    expect(problems("if (true) {\n  get('/x');\n}")).toEqual([
      '2:3  get(…) is not at the top, so it is no operation and never gets a state. Use fnIf(condition, operation), or each(list, operation).',
    ])
  })
})

test('each operation knows its place and its name', () => {
  const found = compiled(
    "const a = 1;\nget('/a')\n  .then(f);\n\n  util.x();\nconst f = 1; export default [fn(s => s)]",
  )

  expect('script' in found && found.script.operations).toEqual([
    { line: 6, column: 30, name: 'fn' },
    { line: 2, column: 1, name: 'get' },
    { line: 5, column: 3, name: 'util.x' },
  ])
})
