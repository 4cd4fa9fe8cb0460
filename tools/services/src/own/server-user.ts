// The user who runs a server that refuses to be root.
import { readFileSync } from 'node:fs'

export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/** For root: the first of these users whom the machine knows, else `nobody`. For anybody else: nothing to change. */
export function serverUser(...names: readonly string[]): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  )
  const name = [...names, 'nobody'].find((candidate) => users.has(candidate))
  return name === undefined ? undefined : users.get(name)
}
