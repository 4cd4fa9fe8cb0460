// An app whose views lie on a small disk of their own: it is filled, and emptied again. Prints what the status of the read model tells.
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { aggregate, command, createApp, domain, event, handle, readModel } from '@gesta/core'
import { isGestaError } from '@gesta/core/ports'
import { z } from 'zod'
import { sqlite, sqliteViews } from '../../src/index.ts'

const [storePath = '', disk = ''] = process.argv.slice(2)
const ballast = join(disk, 'ballast')

function fillDisk(): void {
  const file = openSync(ballast, 'a')
  for (const bytes of [65_536, 512]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(bytes))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
  closeSync(file)
}

const put = command('Note.Put', { input: z.object({ key: z.string(), text: z.string() }) })
const Put = event('Note.WasPut', z.object({ key: z.string(), text: z.string() }))
const Note = aggregate('Note', () => ({})).on(Put, (state) => state)
const notes = readModel('Note.All', () => ({ puts: 0, text: '' }), {
  backend: sqliteViews(join(disk, 'views')),
}).on(
  Put,
  ({ key }) => key,
  ({ puts }, { text }) => ({ puts: puts + 1, text }),
)
const app = createApp('notes', {
  domains: [
    domain('Note', {
      permissions: 'anonymous',
      aggregates: [Note],
      readModels: [notes],
      handlers: [handle(put, async ({ key, text }, { load }) => (await load(Note, key)).emit(Put({ key, text })))],
    }),
  ],
})

await using running = await app.start({ store: sqlite(storePath) })
const control = running.readModels.control('Note.All')
const putMany = async (count: number): Promise<void> => {
  for (let at = 0; at < count; at += 1) await running.dispatch(put({ key: `k${at}`, text: 'x'.repeat(20_000) }))
}
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await delay(5)
}

await putMany(5)
await running.caughtUp()
fillDisk()
await putMany(20)
await until(() => control.status().lastError !== undefined)
console.log(`full: ${control.status().state}, ${control.status().lastError}`)
// There is no room for a plan either, and the operator is told so.
const refusal = await control.restore({ fromZero: true }).catch((error: unknown) => error)
console.log(`told: ${isGestaError(refusal, 'store_full') ? 'store_full' : String(refusal)}`)
await putMany(1)
rmSync(ballast)
await running.caughtUp()
const restoration = await control.restore({ fromZero: true })
await restoration.done
await until(() => control.status().lastError === undefined)
const { differences, rows } = await running.readModels.verify('Note.All')
const { state, generation } = control.status()
console.log(
  `room: ${state}, ${differences} differences in ${rows} rows, generation new: ${generation === restoration.generation}`,
)
