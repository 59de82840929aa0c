import { execFile } from 'node:child_process'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A PostgreSQL of its own, for tests that others would not survive. */
export interface Cluster {
  readonly databaseUrl: string
  /** `immediate` is a crash: no process of it ends in order, and the journal is read at the next start. */
  restart(how: 'fast' | 'immediate'): Promise<void>
  remove(): Promise<void>
}

/** As the user postgres where the test is root, because PostgreSQL refuses root. */
export async function startCluster(): Promise<Cluster> {
  const bin = await newest('/usr/lib/postgresql')
  const folder = await mkdtemp(join(tmpdir(), 'exchange-cluster-'))
  const data = join(folder, 'data')
  const isRoot = process.getuid?.() === 0
  if (isRoot) await giveToPostgres(folder)
  const as = (command: string, ...args: readonly string[]) =>
    isRoot ? run('runuser', ['-u', 'postgres', '--', join(bin, command), ...args]) : run(join(bin, command), [...args])

  await as('initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync')
  const port = await freePort()
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`
  const start = ['-D', data, '-w', '-l', join(folder, 'log'), '-o', settings]
  await as('pg_ctl', ...start, 'start')
  return {
    databaseUrl: `postgres://postgres@127.0.0.1:${port}/postgres`,
    restart: async (how) => {
      await as('pg_ctl', ...start, '-m', how, 'restart')
    },
    remove: async () => {
      await as('pg_ctl', '-D', data, '-m', 'immediate', 'stop')
      await rm(folder, { recursive: true })
    },
  }
}

async function newest(folder: string): Promise<string> {
  const versions = (await readdir(folder)).map(Number).toSorted((a, b) => b - a)
  return join(folder, String(versions[0]), 'bin')
}

async function giveToPostgres(folder: string): Promise<void> {
  const id = async (flag: '-u' | '-g') => Number((await run('id', [flag, 'postgres'])).stdout)
  await chown(folder, await id('-u'), await id('-g'))
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address === null || typeof address === 'string' ? reject() : resolve(address.port)))
    })
  })
}
