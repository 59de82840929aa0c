import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { htmlToText } from '../../src/mapping/rules/html.ts'
import { logTexts } from '../../src/mapping/rules/log.ts'

describe('formatted text as plain text', () => {
  // D21: only <p> was removed; other tags, entities and whole logs with their authors reached the case worker.
  it.each([
    ['<p>Needs care placement</p>', 'Needs care placement'],
    ['<div class="x">One</div><div>Two</div>', 'One\nTwo'],
    ['One<br>Two<br/>Three', 'One\nTwo\nThree'],
    ['<ul><li>a</li><li>b</li></ul>', 'a\nb'],
    ['before<p>one</p><p>two</p>after', 'before\none\ntwo\nafter'],
    ['<p>one<br><br>two</p>', 'one\n\ntwo'],
    ['3 < 5<p>four</p>', '3 < 5\nfour'],
    ['</<p>p>inside', 'inside'],
    ['<b>bold</b> <i>and</i> &amp; &quot;more&quot; &#39;here&#x27;', 'bold and & "more" \'here\''],
    ['caf&eacute;&nbsp;&nbsp;noir &rsquo;', 'café noir ’'],
    ['&unknown; &amp', '&unknown; &amp'],
    ['<<p>p>nested<</p>/p>', 'nested'],
    ['a<script>alert("x</p>")</script>b', 'ab'],
    ['a<style>p { color: red }</style>b', 'ab'],
    ['a<SCRIPT src=x>1</ScRiPt >b', 'ab'],
    ['<!-- a > b -->text', 'text'],
    ['&lt;p&gt;twice formatted&lt;/p&gt;', 'twice formatted'],
    ['&lt;script&gt;alert(1)&lt;/script&gt;', ''],
    ['3 < 5 and 7 > 2', '3 < 5 and 7 > 2'],
    ['weight <5 kg', 'weight <5 kg'],
    ['plain\ntext\r\nwith lines', 'plain\ntext\nwith lines'],
    ['a <img src=x onerror=alert(1)', 'a < img src=x onerror=alert(1)'],
    ['አማርኛ <b>ጽሑፍ</b>', 'አማርኛ ጽሑፍ'],
  ])('D21: only <p> was removed; %j becomes %j', (html, text) => {
    expect(htmlToText(html)).toBe(text)
  })

  it('nothing in the result can begin a tag, whatever came', () => {
    const pieces = fc.constantFrom(
      '<',
      '>',
      '</',
      'p',
      'script',
      '!--',
      '-->',
      '&lt;',
      '&gt;',
      '&#60;',
      '/',
      ' ',
      'x',
      '"',
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        expect(htmlToText(parts.join(''))).not.toMatch(/<[a-z/!?]/i)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['opening brackets', '<'.repeat(400_000)],
    ['brackets that close nothing', '< '.repeat(100_000) + '> '.repeat(100_000)],
    ['nested tags', '<'.repeat(120_000) + 'p>'.repeat(120_000)],
    ['comments that never end', '<!--'.repeat(100_000)],
    ['scripts that never end', '<script>'.repeat(50_000)],
    ['ampersands', '&'.repeat(400_000)],
    ['blanks', ' '.repeat(400_000)],
    ['blanks and lines', ' \n'.repeat(200_000)],
  ])('400 kB of %s take seconds at most, not hours', (_, html) => {
    const begin = performance.now()

    htmlToText(html)

    expect(performance.now() - begin).toBeLessThan(10_000)
  })
})

describe('logs', () => {
  it('D21: a log was pasted with its authors; only what was written is kept', () => {
    const log = JSON.stringify([
      { CreatedBy: 'Officer One', Text: 'First', CreatedOn: '2026-05-04T07:00:00.0Z' },
      { CreatedBy: 'Officer Two', Text: 'Second', CreatedOn: '2026-05-05T07:00:00.0Z' },
    ])

    expect(logTexts(log)).toEqual(['First', 'Second'])
  })

  it('a log that was cut off gives its texts and no author', () => {
    const log =
      '[{"CreatedBy":"Officer One","Text":"First \\"quoted\\"","CreatedOn":"2026"},{"CreatedBy":"Officer Two","Text":"Sec'

    expect(logTexts(log)).toEqual(['First "quoted"', 'Sec'])
    expect(logTexts('[{"CreatedBy":"Officer One","Te')).toEqual([])
  })

  it('prose is no log', () => {
    expect(logTexts('[see above] {sic}')).toBeUndefined()
    expect(logTexts('["a"]')).toBeUndefined()
  })

  it('reads any text without an error', () => {
    const text = fc.string({ unit: 'binary' })
    fc.assert(fc.property(text, text, (a, b) => void logTexts(`[{"Text":"${a}","CreatedBy":${b}`)))
  })
})
