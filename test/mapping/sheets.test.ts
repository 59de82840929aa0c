import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { fromConceptMap, toConceptMap } from '../../src/mapping/conceptMap.ts'
import type { VersionContent } from '../../src/mapping/diff/changes.ts'
import { specificationHash } from '../../src/mapping/hash.ts'
import { parseJson } from '../../src/mapping/json.ts'
import { assemble } from '../../src/mapping/sheets/assemble.ts'
import { readCsv, writeCsv } from '../../src/mapping/sheets/csv.ts'
import { readSheet, sheetPlace } from '../../src/mapping/sheets/read.ts'
import { bare, columnLetter, neutral, type ReadSheet } from '../../src/mapping/sheets/sheet.ts'
import { toSheets } from '../../src/mapping/sheets/write.ts'
import { readXlsx, writeXlsx } from '../../src/mapping/sheets/xlsx.ts'
import type { TableRow, ValueTable } from '../../src/mapping/types.ts'
import { versionFiles } from '../../src/mapping/writeVersion.ts'
import { gambella, gambellaContent } from './gambella.ts'

const v1 = await gambellaContent()
const { settings } = await gambella()
const cover = { country: 'gambella', version: 'v1', state: 'draft', hash: 'abc', changes: [] } as const
const schema = v1.toPrimero.$schema

/** As little as a book can hold, so that many of them can be made. */
const small: VersionContent = { toPrimero: { fields: [] }, toDtp: { fields: [] }, sentences: { en: {} }, tables: {} }

const base = { country: 'gambella', settings, files: { folder: '', tables: {}, isWhole: true }, earlier: undefined }

/** What people get back, by way of a format. */
const formats: Readonly<Record<string, (content: VersionContent) => Promise<readonly ReadSheet[]>>> = {
  async xlsx(content) {
    const book = await readXlsx(await writeXlsx(toSheets(content, cover)))
    return book?.sheets ?? []
  },
  csv: async (content) =>
    toSheets(content, cover).map((sheet) => readCsv(sheet.name, writeCsv(sheet)) ?? { name: sheet.name, rows: [] }),
}

function hashOf(content: VersionContent): string {
  const files = Object.entries(versionFiles(content, schema)).map(([name, text]): [string, unknown] => [
    name,
    JSON.parse(text),
  ])
  return specificationHash(Object.fromEntries(files))
}

function assembled(sheets: readonly ReadSheet[]): VersionContent {
  const result = assemble(sheets, base)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems, null, 1))
  return result.content
}

/** Names that spreadsheets like to spoil. */
const spoilt = [
  '0012',
  ' padded ',
  '=1+1',
  '+251',
  '-',
  '@x',
  "'=x",
  "it's",
  'ሰላም',
  'a;b,c "d"',
  'x\ny',
  '_x0041_',
  '1e5',
  'TRUE',
  '\u0007bell',
]
const name = fc.oneof(
  fc.constantFrom(...spoilt),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== '' && !/\r/.test(text)),
)
const note = fc.option(name, { nil: undefined })

const row: fc.Arbitrary<TableRow> = fc
  .record({
    progres: name,
    primero: name,
    label: note,
    relationship: fc.constantFrom('equivalent', 'source-is-narrower-than-target', 'source-is-broader-than-target'),
    directions: fc.constantFrom(undefined, ['to-primero'], ['to-dtp'], ['to-dtp', 'to-primero']),
    note,
  })
  .map((made) => JSON.parse(JSON.stringify(made)))

const table: fc.Arbitrary<ValueTable> = fc
  .record({
    name: fc.constant('any-table'),
    directions: fc.constantFrom(['to-primero', 'to-dtp'], ['to-dtp', 'to-primero']),
    owner: name,
    unmapped: fc.record({
      'to-primero': fc.oneof(fc.constantFrom('refuse', 'hold'), fc.record({ use: name })),
      'to-dtp': fc.constantFrom('refuse', 'hold'),
    }),
    note,
    rows: fc.array(row, { maxLength: 6 }),
    noMap: fc.option(
      fc.array(fc.record({ code: name, direction: fc.constantFrom('to-primero', 'to-dtp'), note: name }), {
        minLength: 1,
        maxLength: 3,
      }),
      { nil: undefined },
    ),
  })
  .map((made) => JSON.parse(JSON.stringify(made)))

describe.each(Object.entries(formats))('by way of %s', (format, through) => {
  // A book takes a hundred times as long as CSV.
  const numRuns = format === 'xlsx' ? 5 : 100

  it('the released version comes back with the very same hash', async () => {
    const content = assembled(await through(v1))

    expect(hashOf(content)).toBe('52c44e0fc01ea2a8bf87ecd73ecaeca5dc24b8ab223ef3b3b3266980b8f65355')
  })

  it('any value table comes back as it was: leading zeros, blanks, formulas, Amharic, line breaks', {
    timeout: 30_000,
  }, async () => {
    const property = fc.asyncProperty(table, async (made) => {
      const sheets = await through({ ...small, tables: { [made.name]: made } })
      const read = sheets.map(readSheet).find((one) => one?.part === made.name)
      expect(read?.problems).toEqual([])
      expect(read?.json.value).toEqual(made)
    })

    await fc.assert(property, { numRuns })
  })

  it('any field row comes back as it was', { timeout: 30_000 }, async () => {
    const yesNo = fc.option(fc.boolean(), { nil: undefined })
    const fields = fc.array(
      fc
        .record({
          to: fc.constantFrom('case.a', 'service.b'),
          from: fc.array(fc.constantFrom('individuals.x', 'y', 'z.z'), { minLength: 1, maxLength: 3 }),
          rule: fc.constantFrom('copy', 'join', 'constant'),
          separator: fc.option(fc.constantFrom(' ', ', ', '"', '-'), { nil: undefined }),
          value: fc.oneof(
            name,
            fc.boolean(),
            fc.integer(),
            fc.constantFrom('', '"', '12', 'true', '"q"', -0.5),
            fc.constant(undefined),
          ),
          default: note,
          required: yesNo,
          wanted: yesNo,
          interAgencyForm: yesNo,
          localisable: yesNo,
          policy: fc.constantFrom(undefined, 'create', 'fill'),
          note,
        })
        .map((made) => JSON.parse(JSON.stringify(made))),
      { minLength: 1, maxLength: 4 },
    )
    const property = fc.asyncProperty(fields, async (made) => {
      const sheets = await through({ ...small, toPrimero: { fields: made } })
      const read = sheets.map(readSheet).find((one) => one?.part === 'fields.to-primero')
      expect(read?.json.value).toEqual({ fields: made })
    })

    await fc.assert(property, { numRuns })
  })
})

test('a neutral cell begins with no sign of a formula, and is bare again', () => {
  fc.assert(
    fc.property(fc.oneof(name, fc.string()), (text) => {
      expect(neutral(text)).not.toMatch(/^[=+\-@\t\r\n\0]/)
      expect(bare(neutral(text))).toBe(text)
    }),
  )
})

test('what changed against the version before is marked, and listed on the cover', () => {
  const change = {
    part: 'sex',
    row: 'Female / female',
    kind: 'changed',
    what: [{ name: 'label', before: 'F', after: 'Female' }],
    meaning: 'm',
  } as const

  const sheets = toSheets(v1, { ...cover, previous: 'v0', changes: [change] })

  const marked = (sheet: string) =>
    sheets
      .find(({ name: found }) => found === sheet)
      ?.rows.flatMap((cells) => cells.filter((cell) => cell.marked).map(({ text }) => text))
  expect(marked('sex')).toEqual(['Female'])
  expect(marked('Cover')).toEqual(['sex', 'Female / female', 'label', 'F', 'Female', 'm'])
})

describe('a sheet that people spoilt is refused by sheet, row and column', () => {
  const problemsOf = (change: (sheets: ReadSheet[]) => readonly ReadSheet[], on = base) => {
    const sheets = toSheets(v1, cover).map(({ name: sheet, rows }) => ({
      name: sheet,
      rows: rows.map((cells) => cells.map(({ text }) => text)),
    }))
    const result = assemble(change(sheets), on)
    return 'problems' in result
      ? result.problems.map((one) =>
          [sheetPlace(one), one.message, one.hint].filter((part) => part !== undefined).join(' '),
        )
      : []
  }
  const edit = (sheet: string, from: string, to: string) => (sheets: ReadSheet[]) =>
    sheets.map((one) =>
      one.name !== sheet
        ? one
        : { name: sheet, rows: one.rows.map((cells) => cells.map((text) => (text === from ? to : text))) },
    )

  it.each<[title: string, change: (sheets: ReadSheet[]) => readonly ReadSheet[], problems: readonly string[]]>([
    [
      'a wrong relationship',
      edit('decision-status', 'equivalent', 'equivalant'),
      [
        'decision-status!D9 rows[0].relationship must be one of equivalent, source-is-narrower-than-target, source-is-broader-than-target. Did you mean equivalent?',
        'decision-status!D10 rows[1].relationship must be one of equivalent, source-is-narrower-than-target, source-is-broader-than-target. Did you mean equivalent?',
      ],
    ],
    [
      'a code twice',
      edit('rejection-reason', '125080001', '125080000 '),
      ['rejection-reason!A10 "125080000" has two rows to-primero. The other one is row 1: keep one of them.'],
    ],
    [
      'a heading that is another',
      edit('sex', 'Primero label', 'Primero labels'),
      [
        'sex!C8 There is no column "Primero labels". Did you mean Primero label?',
        'sex!A8 The column "Primero label" is missing. Put it back, empty cells are fine.',
        expect.stringMatching(/^sex!C9 This cell stands under no heading/) as unknown as string,
      ],
    ],
    [
      'neither yes nor no',
      edit('Fields to DTP', 'yes', 'perhaps'),
      ['Fields to DTP!G6 required must be yes or no, or empty.'],
    ],
    [
      'a table that is not there',
      edit('Fields to DTP', 'language', 'languages'),
      ['Fields to DTP!D28 languages: there is no table "languages". Did you mean language?'],
    ],
    [
      'a sentence that nothing fills',
      edit('Sentences', 'No reason specified.', 'None: {why}'),
      ['Sentences!B26 Nothing fills {why} in. There is {fields}, {value} and {accepted}.'],
    ],
    [
      'a sheet that is gone',
      (sheets) => sheets.filter(({ name: sheet }) => sheet !== 'Sentences'),
      ['Cover There is no sheet "Sentences". Put it back.'],
    ],
    [
      'a sheet that is there twice',
      (sheets) => [
        ...sheets,
        { name: 'sex copy', rows: sheets.find(({ name: sheet }) => sheet === 'sex')?.rows ?? [] },
      ],
      ['sex copy!A1 sex is there twice. Keep one: sex.'],
    ],
    [
      'a table with a path for a name',
      edit('sex', 'sex', '../sex'),
      [expect.stringContaining('sex!B1 name must be of small letters, digits and hyphens.') as unknown as string],
    ],
    [
      'a sheet of another country',
      edit('Cover', 'gambella', 'dadaab'),
      ['Cover!B2 The cover names the country "dadaab", and this is gambella. Give --country, or take the right file.'],
    ],
  ])('%s', (_, change, problems) => {
    expect(problemsOf(change).slice(0, problems.length)).toEqual(problems)
  })

  it('a date that the spreadsheet made of a cell', async () => {
    const { default: write } = await import('write-excel-file/node')
    const data = [
      [
        { value: 'Value table', type: String },
        { value: new Date(), type: Date, format: 'dd/mm/yyyy' },
      ],
    ]

    const book = await readXlsx(await write([{ sheet: 'sex', data }]).toBuffer())

    expect(book?.problems).toMatchObject([
      { sheet: 'sex', row: 1, column: 'B', hint: 'Format it as text and type it anew.' },
    ])
  })

  it('columns are named as people see them', () => {
    expect([0, 25, 26, 51, 702].map(columnLetter)).toEqual(['A', 'Z', 'AA', 'AZ', 'AAA'])
  })
})

test('CSV with semicolons, with and without a byte order mark, is read; an open quotation mark is not', () => {
  expect(readCsv('x', '\uFEFFValue table;sex\r\nowner;"a;b"\r\n')?.rows).toEqual([
    ['Value table', 'sex'],
    ['owner', 'a;b'],
  ])
  expect(readCsv('x', 'Value table,"s;e;x"\n')?.rows).toEqual([['Value table', 's;e;x']])
  expect(readCsv('x', 'a,"b\n')).toBeUndefined()
})

describe('a FHIR R5 ConceptMap', () => {
  const through = (made: ValueTable) => {
    const json = parseJson('map.json', JSON.stringify(toConceptMap(made, { country: 'x', version: 'v1' })))
    if ('problems' in json) throw new Error()
    return fromConceptMap(json)
  }

  it.each(Object.keys(v1.tables))('of the table %s comes back as it was', (of) => {
    const { $schema: _, ...made } = { $schema: '', ...v1.tables[of] } as ValueTable & { $schema: string }

    expect(through(made)).toEqual({ table: made })
  })

  it('of any table comes back as it was, save that a row of every direction need not say so', () => {
    fc.assert(
      fc.property(table, (made) => {
        const plain = {
          ...made,
          rows: made.rows.map(({ directions, ...rest }) => (directions?.length === 1 ? { ...rest, directions } : rest)),
        }
        const sorted = (all: ValueTable) => ({
          ...all,
          noMap: all.noMap?.toSorted((a, b) =>
            `${a.direction}${a.code}${a.note}`.localeCompare(`${b.direction}${b.code}${b.note}`),
          ),
        })
        const result = through(plain)
        expect('table' in result ? sorted(result.table) : result).toEqual(sorted(plain))
      }),
      { numRuns: 100 },
    )
  })

  it('reads relationships from the source of its group to the target', () => {
    const map = JSON.stringify(toConceptMap(v1.tables['service-type'] as ValueTable, { country: 'x', version: 'v1' }))

    expect(map).toContain(
      '"code":"BID","target":[{"code":"focuses_non_specialized_mhpss_care","display":"Child Protection Service","relationship":"source-is-narrower-than-target"',
    )
  })

  it.each([
    ['R4, whose words read the other way round', { equivalence: 'wider' }, 'is of R4'],
    ['a condition', { dependsOn: [] }, 'a table holds no conditions'],
  ])('with %s is refused with its place', (_, extra, said) => {
    const text = JSON.stringify({
      resourceType: 'ConceptMap',
      name: 'sex',
      publisher: 'p',
      group: [
        {
          source: 'urn:progres:code',
          target: 'urn:primero:option',
          element: [{ code: '1', target: [{ code: 'x', relationship: 'equivalent', ...extra }] }],
        },
      ],
    })
    const json = parseJson('map.json', text)
    if ('problems' in json) throw new Error()

    expect(fromConceptMap(json)).toMatchObject({
      problems: [{ file: 'map.json', line: 1, message: expect.stringContaining(said) }],
    })
  })
})
