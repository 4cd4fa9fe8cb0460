// A workshop whose commands end in every way that a command can.
import { aggregate, command, deny, domain, event, handle } from '@gesta/core'
import type { CommandRecord, JsonValue } from '@gesta/core'
import { z } from 'zod'
import { settled } from '../fake-clock.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp, StartedOptions } from '../started-app.ts'

export const Done = event('Work.Done', z.object({ id: z.string() }))
const Work = aggregate('Work', () => 0).on(Done, (count) => count + 1)

/** `how` it ends: `done`, a rejection, or what is thrown. */
export const work = command('Work.Do', {
  input: z.object({ id: z.string(), how: z.string() }),
  result: z.int(),
  rejections: { no: 'It is not wanted.', long: 'x'.repeat(9_000) },
})
export const guarded = command('Work.Guarded', { input: z.object({ id: z.string() }) })
export const own = command('Work.Own', { input: z.object({ id: z.string() }) })
export const wait = command('Work.Wait', { input: z.object({ id: z.string() }) })
export const loose = command('Work.Loose', { input: z.custom<JsonValue>(() => true) })
export const plain = command('Work.Plain', {})
export const marked = command('Work.Marked', {
  input: z.object({ id: z.string(), password: z.string().max(8), name: z.string().optional() }),
  redact: { password: 'secret', name: 'personal' },
})
export const unknown = command('Work.Unknown', {})

const thrown: { readonly [how: string]: () => unknown } = {
  error: () => new TypeError('what it says is its own: hunter2'),
  text: () => 'hunter2',
  nothing: () => undefined,
}

export function workshop(hanging: () => Promise<unknown> = () => new Promise(() => undefined)) {
  return domain('Work', {
    permissions: {
      'Work.Do': 'anonymous',
      'Work.Guarded': () => deny('the reason is for operators'),
      'Work.Own': 'authenticated',
      'Work.Wait': 'anonymous',
      'Work.Loose': 'anonymous',
      'Work.Plain': 'anonymous',
      'Work.Marked': 'anonymous',
    },
    handlers: [
      Work.decide(work, 'id', (count, { id, how }) => {
        if (Object.hasOwn(thrown, how)) throw thrown[how]?.()
        if (how === 'long') return work.reject('long')
        return how === 'no' ? work.reject('no') : work.accept([Done({ id })], count + 1)
      }),
      Work.decide(guarded, 'id', () => []),
      Work.decide(own, 'id', () => []),
      Work.decide(marked, 'id', () => []),
      handle(wait, async () => void (await hanging())),
      handle(loose, async () => undefined),
      handle(plain, async () => undefined),
    ],
  })
}

export function startWorkshop(options: StartedOptions = {}, hanging?: () => Promise<unknown>): Promise<StartedApp> {
  return startApp(workshop(hanging), options)
}

/** Every record in the order of recording; those of callers who did not wait for theirs are in it. */
export async function records({ running }: Pick<StartedApp, 'running'>): Promise<readonly CommandRecord[]> {
  await settled()
  return (await running.commandLog.list({ order: 'oldest' }, { limit: 10_000 })).items
}

/** The one record of an app that was asked for one command. */
export async function only(app: Pick<StartedApp, 'running'>): Promise<CommandRecord> {
  const all = await records(app)
  const [record] = all
  if (record === undefined || all.length > 1) throw new Error(`Expected one record, found ${all.length}.`)
  return record
}
