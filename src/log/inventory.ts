import { createHash } from 'node:crypto'
import { type Fact, type FieldName, facts, fieldNames } from './facts.ts'

/** What each line of the log tells. */
const meanings: Readonly<Record<Fact, string>> = {
  started: 'the process serves',
  stopping: 'it was told to stop',
  stopped: 'it has stopped',
  'configuration read': 'variables and project were read',
  'mapping is a draft': 'the mapping in force was not signed off',
  'entry accepted': 'a message was stored, encrypted',
  'entry repeated': 'a message came that was known',
  'entry claimed': 'a process works on an entry',
  'entry done': 'an entry has ended and its payload is erased',
  'entry waiting': 'an entry is tried again later',
  'entry stuck': 'an entry waits for a person',
  'entry replayed': 'a person had an entry tried again',
  'entry discarded': 'a person had an entry erased',
  'entry lost to another process': 'another process took an entry over',
  'message refused': 'the inbox refused a message',
  'access refused': 'somebody was not let in',
  'users refused': 'the file of users cannot be used',
  'run started': 'a workflow begins',
  'run finished': 'a workflow has ended',
  'step started': 'a step of it begins',
  'step finished': 'a step has ended',
  'step failed': 'a step could not go on',
  'step forgot its state': 'a step returned no state',
  'edge failed': 'the condition between two steps failed',
  'console of a job dropped': 'a job printed something, which was thrown away',
  record: 'what became of one referral, decision or intervention',
  alert: 'something waits for a person',
  'cron tick': 'the clock began a workflow',
  'cron tick skipped': 'the clock found it still under way',
  'request sent': 'another system was asked',
  'request failed': 'another system gave no good answer',
  'credentials stopped': 'another system refused the account; work rests',
  outage: 'another system is silent, or answers again',
  'certificate expires': 'the client certificate ends soon',
  'secrets reloaded': 'replaced files with secrets are in use',
  'secrets not reloaded': 'replaced files with secrets cannot be used',
  'store opened': 'the store is open',
  'store failed': 'the store could not be read or written',
  'payload erased': 'a payload was erased because its time was over',
  'effect settled': 'a person said whether something arrived',
  'notice done': 'a person told a withdrawn consent',
  'audit head': 'the seal of the audit log, for comparison',
  'adaptor warning': 'a library warned; its kind, not its text',
  'unforeseen error': 'a bug: its class and place, not its text',
}

/** What a field of a line may hold. */
const contents: Readonly<Record<FieldName, string>> = {
  entry: 'id of an entry (UUID made here)',
  run: 'id of a run (UUID made here)',
  workflow: 'name in project.yaml',
  step: 'name in project.yaml',
  job: 'name in project.yaml',
  operation: 'number of an operation in a job',
  line: 'line of a job file',
  record: 'intervention number, or id of a referral, service or case in Primero',
  outcome: 'delivered, unchanged, refused, waiting or in_doubt',
  code: 'code of the table in the README',
  state: 'state of an entry, run or effect',
  attempt: 'number of attempts',
  due_at: 'time in UTC',
  duration_ms: 'milliseconds',
  count: 'a number of things',
  system: 'name of a system',
  method: 'HTTP method',
  route: 'address with ids left out',
  status: 'HTTP status',
  reason: 'a fixed word or sentence of the program',
  effect: 'key of the ledger: kind and id as above',
  country: 'folder under mappings/',
  mapping_version: 'country, version and hash of the mapping',
  address: 'address at which it listens, or network address of a sender',
  port: 'TCP port',
  path: 'file on this machine',
  version: 'release of the program',
  error_name: 'class of an error',
  at: 'file and line in the program',
  head: 'number and seal in the audit log',
}

/**
 * The sheet that partners sign: every line and every field that the log can hold, in Markdown. Made from the lists that
 * the gate of the log itself uses, so that nothing else can be logged.
 */
export function renderInventory(): string {
  return [
    `# What the log may hold (${inventoryDigest()})`,
    '',
    'One JSON line a fact, on standard error: time (UTC), level, fact, and some of the fields below. A field that is not',
    'listed, and a text that is longer than 160 characters or has a line break, is dropped. No name, date of birth, phone',
    'number, address, note, message, password or key has a field.',
    '',
    '| fact | meaning |',
    '|---|---|',
    ...facts.map((fact) => `| ${fact} | ${meanings[fact]} |`),
    '',
    '| field | holds |',
    '|---|---|',
    ...fieldNames.map((name) => `| ${name} | ${contents[name]} |`),
    '',
    'Kept by: the log of the machine, for ____ days (the exchange keeps no log file itself).',
    'Read by: ____',
    '',
    '| agency | name | date | signature |',
    '|---|---|---|---|',
    '|  |  |  |  |',
    '|  |  |  |  |',
    '',
  ].join('\n')
}

/** The same as data. */
export function inventory() {
  return {
    digest: inventoryDigest(),
    facts: facts.map((fact) => ({ fact, meaning: meanings[fact] })),
    fields: fieldNames.map((field) => ({ field, holds: contents[field] })),
  }
}

/** Names what was signed: it changes with each fact, field and meaning. */
export function inventoryDigest(): string {
  const text = JSON.stringify([
    facts.map((fact) => [fact, meanings[fact]]),
    fieldNames.map((name) => [name, contents[name]]),
  ])
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
