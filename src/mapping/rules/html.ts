import { decodeEntities } from './entities.ts'

/**
 * Formatted text as plain text: no tag, no comment, no script or style with what is in it; entities decoded; a line
 * for each block and each line break.
 *
 * Reads once from left to right and takes the innermost tag first, so `<<p>p>` leaves nothing and a megabyte of `<` costs
 * no more than a megabyte of prose. `a < b and c > d` is no tag and stays. Entities are decoded once, and tags that this
 * brings to light are removed as well. Nothing in the result can begin a tag.
 */
export function htmlToText(html: string): string {
  const stripped = stripTags(decodeEntities(stripTags(html)))
  return stripped
    .replace(/<(?=[a-z/!?])/gi, '< ')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/\s{0,4}\uFFFF[\s\uFFFF]*/g, '\n')
    .trim()
}

/** Where a block begins or ends; however many meet, they are one line break. No text holds this noncharacter. */
const blockEdge = '\uFFFF'

const tag = /^<(\/?)([a-z][a-z0-9:-]*)[^<>]*$|^<[!?/][^<>]*$/i
const block = /^(p|div|li|tr|h[1-6]|ul|ol|table|blockquote)$/i

function stripTags(html: string): string {
  const out: string[] = []
  const opened: number[] = []
  const lastCommentEnd = html.lastIndexOf('-->')
  let at = 0
  while (at < html.length) {
    const next = nextAngle(html, at)
    if (next > at) out.push(html.slice(at, next))
    if (next === html.length) break
    at = next + 1
    if (html[next] === '<') {
      const behind = html.startsWith('<!--', next) && next < lastCommentEnd ? html.indexOf('-->', next + 4) : -1
      if (behind >= 0) at = behind + 3
      else {
        opened.push(out.length)
        out.push('<')
      }
      continue
    }
    const start = opened.pop()
    const [whole, slash, name = ''] = (start === undefined ? null : tag.exec(out.slice(start).join(''))) ?? []
    if (start === undefined || whole === undefined) {
      // What holds a loose `>` is no tag either: nothing that is open can become one.
      opened.length = 0
      out.push('>')
      continue
    }
    out.length = start
    if (/^br$/i.test(name)) out.push('\n')
    else if (block.test(name) && !isInsideTag(out, opened)) out.push(blockEdge)
    if (slash === '') at = behindContent(html, at, name.toLowerCase())
  }
  return out.join('')
}

/** `<<p>` and `</<p>`: a line break here would hide the outer tag. */
function isInsideTag(out: readonly string[], opened: readonly number[]): boolean {
  const start = opened.at(-1)
  return start !== undefined && out.length - start <= 2 && /^<[/!?]?[a-z0-9:-]*$/i.test(out.slice(start).join(''))
}

function nextAngle(html: string, from: number): number {
  angle.lastIndex = from
  return angle.test(html) ? angle.lastIndex - 1 : html.length
}

/** Script and style hold no text: where their end tag begins. An unclosed one swallows the rest, as in a browser. */
function behindContent(html: string, from: number, name: string): number {
  if (name !== 'script' && name !== 'style') return from
  const end = name === 'script' ? scriptEnd : styleEnd
  end.lastIndex = from
  return end.exec(html)?.index ?? html.length
}

const angle = /[<>]/g
const scriptEnd = /<\/script/gi
const styleEnd = /<\/style/gi
