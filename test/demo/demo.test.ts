import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { root } from '../flows/stage.ts'

const patienceMs = 120_000

describe('npm run demo', () => {
  it('plays both flows between the real process and two simulators with mutual TLS, and ends with 0', {
    timeout: patienceMs,
  }, async () => {
    const { code, text } = await play()

    expect(text).toMatch(/proGres → Primero[\s\S]*Pending Acknowledgement[\s\S]*acknowledged/)
    expect(text).toMatch(/Primero → proGres[\s\S]*receives the referral[\s\S]*accepted/)
    expect(text).toContain('Both systems hold what they should')
    expect(code).toBe(0)
  })

  it('--keep leaves everything running and says where, until Ctrl-C', { timeout: patienceMs }, async () => {
    const child = spawn(process.execPath, ['bin/demo.js', '--keep'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    let page: string | undefined
    let password: string | undefined
    for await (const line of createInterface({ input: child.stdout })) {
      const found = /Activity page: (http\S+) {2}user admin, password (\S+)/.exec(line)
      if (found === null) continue
      ;[, page, password] = found
      break
    }
    const answer = await fetch(page ?? '', { headers: { authorization: `Basic ${btoa(`admin:${password}`)}` } })
    child.kill('SIGINT')
    const [code] = await ended

    expect(answer.status).toBe(200)
    expect(code).toBe(0)
  })
})

async function play() {
  const child = spawn(process.execPath, ['bin/demo.js'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8')
  })
  const [code] = await once(child, 'exit')
  return { code, text }
}
