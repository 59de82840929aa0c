import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'

interface Planned {
  readonly records: readonly { readonly key: string; readonly outcome: string; readonly code: string }[]
}

/** What a workflow would do, without anything leaving this machine. */
function dryRun(workflow: string, ...args: readonly string[]): Planned {
  const command = ['exchange', 'run', workflow, '--dry-run', '--json', ...args]
  return JSON.parse(execFileSync('npx', command, { encoding: 'utf8' }))
}

const message = (name: string) => ['--input', `fixtures/progres/${name}.json`]

describe('the exchange for {{country}}, on its fixtures', () => {
  test.each(['referral-v7-production-like', 'referral-v8-minimal', 'referral-batch'])(
    'every referral of %s becomes a service in Primero',
    (name) => {
      const { records } = dryRun('dtp-inbox', ...message(name))

      expect(records.length).toBeGreaterThan(0)
      expect(records.filter(({ outcome }) => outcome !== 'delivered')).toEqual([])
    },
  )

  test("UNHCR's decision is put on the referral that is open", () => {
    const { records } = dryRun('dtp-inbox', ...message('decision-accepted'))

    expect(records.map(({ outcome }) => outcome)).toEqual(['delivered'])
  })
})
