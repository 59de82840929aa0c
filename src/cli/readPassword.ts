import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { usage } from './runInput.ts'

const fewest = 12
const most = 200

/**
 * A password typed twice without being shown, or the first line of standard input. An argument would be in the history of
 * the shell and in the list of processes.
 */
export async function readPassword(name: string): Promise<string> {
  const { stdin } = process
  const password = stdin.isTTY ? await typed(name) : await firstLine()
  const length = [...password].length
  if (length < fewest || length > most || /\p{Cc}/u.test(password)) {
    throw usage(`a password has ${fewest} to ${most} characters on one line.`, 'Nothing was changed.')
  }
  return password
}

async function typed(name: string): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  const interrupted = new AbortController()
  lines.once('SIGINT', () => interrupted.abort())
  const ask = async (question: string) => {
    process.stderr.write(question)
    const answer = await lines.question('', { signal: interrupted.signal }).catch(() => {
      throw usage('interrupted.', 'Nothing was changed.')
    })
    process.stderr.write('\n')
    return answer
  }
  try {
    const first = await ask(`Password of ${name}: `)
    if (first !== (await ask('Once more: '))) throw usage('the two differ.', 'Nothing was changed.')
    return first
  } finally {
    lines.close()
  }
}

async function firstLine(): Promise<string> {
  let text = ''
  for await (const chunk of process.stdin) {
    text += String(chunk)
    if (text.includes('\n') || text.length > most * 4) break
  }
  return text.split(/\r?\n/)[0] ?? ''
}
