// Starts another process of the app and asks it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { PostgresOptions } from '../../src/index.ts'
import type { Told } from './lanes.ts'
import type { Ask } from './member-process.ts'
import { kinds } from './team-app.ts'
import type { Kind } from './team-app.ts'

export interface OtherProcess extends AsyncDisposable {
  ask(kind: Kind, member: string, deadlineMs?: number): Promise<string>
  /** A command and a query at once. */
  both(member: string, deadlineMs?: number): Promise<readonly string[]>
  tell(asked: Exclude<Ask, { readonly do: 'ask' | 'end' }>): Promise<void>
  end(): Promise<Told>
}

/** `own`: its views lie in its own memory. */
export async function startOther(options: PostgresOptions, views: 'own' | 'shared'): Promise<OtherProcess> {
  const path = new URL('member-process.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--conditions=gesta-source', path, JSON.stringify(options), views], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.on('error', () => undefined)
  const ended = once(child, 'exit')
  const open = new Map<number, PromiseWithResolvers<unknown>>([[0, Promise.withResolvers()]])
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, answer } = JSON.parse(line) as { readonly id: number; readonly answer?: unknown }
    open.get(id)?.resolve(answer)
    open.delete(id)
  })
  void ended.then(() => {
    for (const { reject } of open.values()) reject(new Error('The other process ended before it had answered.'))
  })
  let last = 0
  const asked = (ask: Ask): Promise<unknown> => {
    last += 1
    const answer = Promise.withResolvers<unknown>()
    open.set(last, answer)
    child.stdin.write(`${JSON.stringify({ id: last, ...ask })}\n`)
    return answer.promise
  }
  const ask: OtherProcess['ask'] = async (kind, member, deadlineMs) =>
    String(await asked({ do: 'ask', kind, member, deadlineMs }))
  await open.get(0)?.promise
  return {
    ask,
    both: (member, deadlineMs) => Promise.all(kinds.map((kind) => ask(kind, member, deadlineMs))),
    tell: async (what) => void (await asked(what)),
    end: async () => (await asked({ do: 'end' })) as Told,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      await ended
    },
  }
}
