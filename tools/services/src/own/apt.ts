// The last way to a server: Debian's package of it, where this process may install one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'

/** `names`: one package, or several with blanks between. Throws when this is not root on Debian, or when apt-get fails. */
export async function installOnDebian(names: string): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    throw new Error('only root on Debian can install a package')
  }
  console.error(`Installing Debian's ${names}, because tests need it and nothing else was found.`)
  await aptGet('update')
  await aptGet('install', '--yes', '--no-install-recommends', ...names.split(' '))
}

async function aptGet(...words: readonly string[]): Promise<void> {
  // Another process may be installing too: wait for its lock.
  const child = spawn('apt-get', ['--quiet', '--option', 'DPkg::Lock::Timeout=120', ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  const complaints = child.stderr.setEncoding('utf8').toArray()
  const [status] = (await once(child, 'close')) as [number | null]
  if (status !== 0) throw new Error(`apt-get ${words.join(' ')} failed: ${(await complaints).join('').trim()}`)
}
