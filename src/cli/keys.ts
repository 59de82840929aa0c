import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { ExchangeError } from '../errors/ExchangeError.ts'
import { day, readCertificate } from '../project/certificates.ts'
import { pem } from '../project/values.ts'
import { readVariables } from '../project/variables.ts'
import { type DataKeyUse, surveyDataKeys } from '../store/dataKeyUse.ts'
import { ending } from './ending.ts'
import { openEnvironment, withStore } from './open.ts'

export function register(program: Command): void {
  const keys = program
    .command('keys')
    .summary('make a token or a data key; show the thumbprint of the client certificate')
    .description('Makes secrets from random bytes of the operating system, and shows what is public of a certificate.')

  keys
    .command('inbox')
    .description(
      'Print a new token for the sender of messages (header x-api-key): 256 random bits. ' +
        'Add it to INBOX_TOKENS; while the sender changes over, keep the old one beside it, separated by a comma. ' +
        'INBOX_TOKENS also takes the digest of a token in its place, and then the token is stored nowhere.',
    )
    .option('--digest', 'print token and digest, a line each: the token for the sender, the digest for INBOX_TOKENS')
    .action(ending(async ({ digest }: { readonly digest?: true }) => print(newToken(digest === true))))

  keys
    .command('signing')
    .description(
      'Print a new secret for signed messages (Standard Webhooks), 256 random bits. Give it to the sender and put it into ' +
        'INBOX_SIGNING_SECRETS: from then on a message needs a signature beside its token.',
    )
    .action(ending(async () => print(`whsec_${randomBytes(32).toString('base64')}`)))

  const data = keys
    .command('data')
    .description(
      'Print a new data key as id:base64, 256 random bits. The first of DATA_KEYS encrypts, all decrypt; a lost key is a ' +
        'lost payload. To change over without a pause: put the new one behind the others, restart each process (or wait ' +
        'a second where DATA_KEYS_FILE is used); move it to the front, again; then "exchange keys data list" says when ' +
        'the old one may go.',
    )
    .action(ending(async () => print(newDataKey(new Date()))))

  data
    .command('list')
    .description('Say what still needs which data key. Exit code 1 when one is needed that is not in DATA_KEYS.')
    .option('--json', 'print [{id, state, keys, entries}]; state is first, older, missing or another')
    .action(ending(async ({ json }: { readonly json?: true }) => listDataKeys(json === true)))

  data
    .command('wrap')
    .description(
      'Wrap with the first of DATA_KEYS what the others wrap, while the exchange runs. Every process must have that key ' +
        'already. "exchange start" does the same by itself.',
    )
    .action(ending(wrapAgain))

  keys
    .command('thumbprint [file]')
    .description(
      'Print SHA-1 and SHA-256 thumbprint and validity of the client certificate: of FILE (PEM), else of ' +
        'DTP_CLIENT_CERT. UNHCR registers the thumbprint. Exit code 1 when the certificate is not valid today.',
    )
    .option('--json', 'print {sha1, sha256, valid_from, valid_to}')
    .action(
      ending(async (file: string | undefined, { json }: { readonly json?: true }) =>
        printThumbprint(file === undefined ? ownCertificate(process.env) : fromFile(file), json === true, new Date()),
      ),
    )
}

function newToken(withDigest: boolean): string {
  const token = randomBytes(32).toString('base64url')
  return withDigest ? `${token}\nsha256:${createHash('sha256').update(token).digest('hex')}` : token
}

/** The id tells when the key was made; the letters keep two of one day apart. */
function newDataKey(now: Date): string {
  return `${day(now)}-${randomBytes(2).toString('hex')}:${randomBytes(32).toString('base64')}`
}

async function listDataKeys(json: boolean): Promise<0 | 1> {
  const uses = await surveyDataKeys(openEnvironment('store'))
  print(json ? JSON.stringify(uses, null, 2) : uses.map(renderUse).join('\n'))
  return uses.some(({ state }) => state === 'missing' || state === 'another') ? 1 : 0
}

function renderUse({ id, state, keys, entries }: DataKeyUse): string {
  const words: Readonly<Record<DataKeyUse['state'], string>> = {
    first: 'encrypts',
    older: keys === 0 ? 'may be removed from DATA_KEYS' : 'still needed',
    missing: 'NOT in DATA_KEYS and needed: put it back',
    another: 'in DATA_KEYS another key has this name: put the right one back',
  }
  return `${id}  wraps ${counted(keys, 'key')} of ${counted(entries, 'payload')}; ${words[state]}`
}

async function wrapAgain(): Promise<0> {
  const environment = openEnvironment('store')
  const wrapped = await withStore(environment, (store) => store.dataKeys.wrap(new Date()))
  return print(`${counted(wrapped, 'key')} wrapped again with ${environment.dataKeys[0].id}.`)
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function printThumbprint(text: string, json: boolean, now: Date): 0 | 1 {
  const certificate = readCertificate(text)
  if (certificate === undefined) throw configuration('There is no certificate in PEM format in what was given.')
  const { sha1, sha256, validFrom, validTo } = certificate
  const isValid = validFrom <= now && now <= validTo
  if (json) {
    const printed = { sha1, sha256, valid_from: validFrom.toISOString(), valid_to: validTo.toISOString() }
    print(JSON.stringify(printed, null, 2))
  } else {
    print(`SHA-1    ${sha1}\nSHA-256  ${sha256}\nValid    ${day(validFrom)} to ${day(validTo)}`)
  }
  if (!isValid)
    process.stderr.write('exchange: the certificate is not valid today.\n  Ask its authority for a new one.\n')
  return isValid ? 0 : 1
}

function ownCertificate(env: NodeJS.ProcessEnv): string {
  const { texts, problems } = readVariables(env, ['DTP_CLIENT_CERT'])
  const [problem] = problems
  if (problem !== undefined) throw configuration(problem.message, problem.hint)
  if (texts.DTP_CLIENT_CERT !== undefined) return pem.parse(texts.DTP_CLIENT_CERT)
  throw configuration('DTP_CLIENT_CERT is not set.', 'Set it, or name a file: exchange keys thumbprint FILE')
}

function fromFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw configuration(`The file ${path} cannot be read.`)
  }
}

function configuration(message: string, hint?: string): ExchangeError {
  return new ExchangeError(message, { code: 'CONFIGURATION', retry: 'never', ...(hint === undefined ? {} : { hint }) })
}

function print(text: string): 0 {
  process.stdout.write(`${text}\n`)
  return 0
}
