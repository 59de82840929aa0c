import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { read, root } from './tree.ts'

const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' })
const tracked = git('ls-files')
  .split('\n')
  .filter((file) => /\.(ts|js|json|yaml|md|example)$/.test(file) && !file.endsWith('package-lock.json'))

describe('D93: a subscription key was committed in clear text; secrets have no place in this repository', () => {
  test.each(['.env', 'client.key', 'client.pem', 'data/exchange.db', 'data/exchange.db-wal'])(
    '%s is ignored',
    (name) => {
      expect(git('check-ignore', '--no-index', name).trim()).toBe(name)
    },
  )

  test('no tracked file holds a private key or something of the form of a subscription key', () => {
    const suspicious = tracked.filter((file) =>
      /-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[A-Za-z0-9+/]{40}|["'=:\s][0-9a-f]{32}["'\s]/.test(read(file)),
    )

    expect(suspicious).toEqual([])
  })

  test('the variables that hold a secret are empty in .env.example', () => {
    const filled = read('.env.example')
      .split('\n')
      .filter((line) =>
        /^#?(PRIMERO_PASSWORD|DTP_SUBSCRIPTION_KEY|INBOX_TOKENS|INBOX_SIGNING_SECRETS|ADMIN_PASSWORD|DATA_KEYS|METRICS_TOKEN)=./.test(
          line,
        ),
      )

    expect(filled).toEqual([])
  })
})
