import { type AnyNode, type Program, walk } from './syntax.ts'
import type { Trouble } from './trouble.ts'

/**
 * `post(url, { body, agentOptions })`, the form of the HTTP adaptor up to 6: today's sends the whole object as the body, with the
 * private key in it. Refused before anything can be sent.
 *
 * @source docs/systems.md §OpenFn/legacy
 */
export function keyMaterial(program: Program): readonly Trouble[] {
  const troubles: Trouble[] = []
  walk(program, (node) => {
    if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return
    const { name } = node.callee
    const given = node.arguments[1]
    if (!['post', 'put', 'patch'].includes(name) || given === undefined || !hasKeys(given)) return
    troubles.push({
      at: given.start,
      message: `${name}(url, { … }) would send a private key as part of the body: the data come second, the options third.`,
      hint: `Write ${name}(url, data, { headers }), with key and certificate in the credential as configuration.tls.`,
    })
  })
  return troubles
}

function hasKeys(node: AnyNode): boolean {
  return (
    node.type === 'ObjectExpression' &&
    node.properties.some(
      (property) =>
        property.type === 'Property' &&
        property.key.type === 'Identifier' &&
        ['agentOptions', 'tls'].includes(property.key.name),
    )
  )
}
