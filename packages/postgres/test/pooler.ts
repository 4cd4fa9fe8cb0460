// A PgBouncer in transaction mode in front of the server that tests share: each statement may run in another session.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'

/** `false`, or why there is none. Debian puts it where only root looks. */
export const noPooler: string | false =
  findPooler() === undefined ? 'PgBouncer is not installed (apt install pgbouncer)' : false

export interface Pooler extends AsyncDisposable {
  /** The URL of a database, through the pooler. */
  through(url: string): string
}

export async function startPooler(serverUrl: string): Promise<Pooler> {
  const { hostname, port, username } = new URL(serverUrl)
  const folder = await mkdtemp(join(tmpdir(), 'gesta-pooler-'))
  const own = await freePort()
  const path = join(folder, 'pgbouncer.ini')
  writeFileSync(
    path,
    `[databases]
* = host=${hostname} port=${port === '' ? 5432 : port} user=${username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
`,
  )
  chmodSync(folder, 0o755)
  const child = spawn(findPooler() ?? '', ['--quiet', path], { stdio: 'ignore', ...unprivileged() })
  const ended = once(child, 'exit')
  const through = (url: string): string => {
    const pooled = new URL(url)
    pooled.hostname = '127.0.0.1'
    pooled.port = String(own)
    return pooled.href
  }
  await untilItAnswers(through(serverUrl))
  return {
    through,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

function findPooler(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
  for (const folder of folders) {
    const path = join(folder, 'pgbouncer')
    try {
      execFileSync(path, ['--version'], { stdio: 'ignore' })
      return path
    } catch {
      // Not there.
    }
  }
  return undefined
}

/** PgBouncer refuses to be root. */
function unprivileged(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilItAnswers(url: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const client = new Client({ connectionString: url })
    try {
      await client.connect()
      return await client.end()
    } catch (error) {
      if (attempt === 200) throw error
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
}
