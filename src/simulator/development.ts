import type * as Msw from 'msw'
import type * as Selfsigned from 'selfsigned'

/**
 * msw, which is a development dependency: loaded when the first simulator starts, so that a production install works
 * without it.
 *
 * @throws a sentence that says what is missing and how to get it
 */
export async function loadMsw(): Promise<typeof Msw> {
  return await import('msw').catch(missing('msw'))
}

/** selfsigned, likewise: makes the certificates of the simulated DTP. */
export async function loadSelfsigned(): Promise<typeof Selfsigned> {
  return await import('selfsigned').catch(missing('selfsigned'))
}

function missing(name: string): (cause: unknown) => never {
  return (cause) => {
    throw new Error(
      `The package ${name} is not installed, and the Primero and DTP simulators (demo, dry run, tests) need it. ` +
        `It is a development dependency: run \`npm install\` without --omit=dev, or \`npm install --save-dev ${name}\`.`,
      { cause },
    )
  }
}
