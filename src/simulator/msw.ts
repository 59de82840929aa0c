import type * as Msw from 'msw'

/**
 * msw, which is a development dependency: loaded when the first simulator starts, so that a production install works
 * without it.
 *
 * @throws a sentence that says what is missing and how to get it
 */
export async function loadMsw(): Promise<typeof Msw> {
  try {
    return await import('msw')
  } catch (error) {
    throw new Error(
      'The package msw is not installed, and the Primero and DTP simulators (demo, dry run, tests) are built on it. ' +
        'It is a development dependency: run `npm install` without --omit=dev, or `npm install --save-dev msw@2.15.0`.',
      { cause: error },
    )
  }
}
