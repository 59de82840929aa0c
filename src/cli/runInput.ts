import { readFile } from 'node:fs/promises'
import { ExchangeError } from '../errors/ExchangeError.ts'
import { nearest } from '../mapping/nearest.ts'
import type { Project, Workflow } from '../project/types.ts'
import type { messageEntry } from '../trigger/entry.ts'
import { readMessage } from '../trigger/message.ts'
import { createScan } from '../trigger/scan.ts'

export interface Message {
  readonly text: string
  readonly body: Parameters<typeof messageEntry>[2]['body']
}

/** The message that a webhook workflow needs, and no other takes. */
export async function readInput({ key, trigger }: Workflow, path: string | undefined): Promise<Message | undefined> {
  if (trigger.type === 'cron') {
    if (path === undefined) return undefined
    throw usage(`${key} runs by the clock and takes no --input.`, `Run it as: exchange run ${key}`)
  }
  if (path === undefined) throw usage(`${key} is started by a message.`, `Name one: exchange run ${key} --input FILE`)
  return readMessageFile(path)
}

/** The same checks as the inbox makes. */
export async function readMessageFile(path: string): Promise<Message> {
  const bytes = await readFile(path).catch(() => {
    throw usage(
      `there is no readable file ${path}.`,
      'Name a JSON file with a message, for instance one of fixtures/progres.',
    )
  })
  const scan = createScan()
  const stop = scan.take(bytes)
  const read = stop === undefined ? readMessage(bytes, scan.keys()) : undefined
  if (read === undefined || !('body' in read))
    throw usage(
      `${path} is no message that the inbox would take.`,
      'It must be JSON (UTF-8), an object or a list, without doubled keys.',
    )
  return read
}

export function findWorkflow({ workflows }: Project, key: string): Workflow {
  const found = Object.hasOwn(workflows, key) ? workflows[key] : undefined
  if (found !== undefined) return found
  const near = nearest(key, Object.keys(workflows))
  throw usage(
    `project.yaml has no workflow "${key}".`,
    near === undefined ? `It has: ${Object.keys(workflows).join(', ')}.` : `Did you mean: ${near}?`,
  )
}

export function usage(message: string, hint: string): ExchangeError {
  return new ExchangeError(message, { code: 'CONFIGURATION', retry: 'never', hint })
}
