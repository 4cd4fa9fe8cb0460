// The copy of the shop's command log, in each log that COMMAND_LOG can name: every record is there, and stays.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCommandLog } from '@gesta/core'
import type { CommandLogBackend, CommandLogStore, CommandRecord } from '@gesta/core'
import { ownNatsForTests, postgresForTests } from '@gesta/services'
import { commandLogAt } from '../../src/command-log.ts'
import { openShop } from '../../src/open-shop.ts'
import { temporaryFolder } from '../processes/script.ts'
import { ends, trade } from './given.ts'

const [postgres, nats] = [await postgresForTests(), await ownNatsForTests()]

/** Each gives what COMMAND_LOG takes, for as long as a test lasts. */
const logs = [
  { name: 'memory', skip: false, keeps: false, place: async () => ({ address: 'memory' }) },
  {
    name: 'SQLite',
    skip: false,
    keeps: true,
    place: async (folder: string) => ({ address: `sqlite:${join(folder, 'commands.db')}` }),
  },
  {
    name: 'PostgreSQL',
    skip: postgres.skip,
    keeps: true,
    place: async () => ({ address: (await postgres.newDatabase()).url }),
  },
  {
    name: 'NATS',
    skip: nats.skip,
    keeps: true,
    place: async () => {
      const server = await nats.start()
      return { address: server.url, stop: async () => server[Symbol.asyncDispose]() }
    },
  },
]

async function allOf(log: Pick<CommandLogStore, 'list'>): Promise<readonly CommandRecord[]> {
  return (await log.list({ order: 'oldest' })).items
}

describe('a copy of the shop’s command log', () => {
  for (const { name, skip, keeps, place } of logs) {
    it(`in ${name} has every record, and has it after a restart`, { skip, timeout: 120_000 }, async () => {
      await using opening = new AsyncDisposableStack()
      const folder = opening.use(await temporaryFolder())
      const { address, stop } = { stop: async () => undefined, ...(await place(folder.path)) }
      opening.defer(stop)
      const copy = await commandLogAt(address)
      let opened: CommandLogStore | undefined
      const noted: CommandLogBackend = {
        ...copy,
        open: async (runtime) => (opened = await copy.open(runtime)),
      }
      const recorded = await openShop(folder.path, undefined, noted).then(async (shop) => {
        await using running = shop
        await trade(running)
        const records = await allOf(running.commandLog)
        const last = records.at(-1)?.commitNo
        while (running.commandLog.status.copy?.commitNo !== last) await sleep(5)
        assert.deepEqual(running.commandLog.status.copy, { active: true, commitNo: last, lastError: undefined })
        assert.deepEqual(await allOf(opened as CommandLogStore), withoutNumbers(records))
        return records
      })
      assert.deepEqual(
        recorded.map(({ status }) => status),
        ends,
      )
      if (!keeps) return
      await using reopened = await openCommandLog(await commandLogAt(address))
      assert.deepEqual(await allOf(reopened), withoutNumbers(recorded))
    })
  }

  it('is refused in words when COMMAND_LOG names no log, and the words hold no password', async () => {
    await assert.rejects(commandLogAt('mysql://me:secret@db/logs'), (error: Error) => {
      assert.match(error.message, /^Expected COMMAND_LOG to be memory, sqlite:PATH/)
      return !error.message.includes('secret')
    })
  })
})

/** Commit numbers are those of the shop's own store. */
function withoutNumbers(records: readonly CommandRecord[]): readonly CommandRecord[] {
  return records.map((record) => ({ ...record, commitNo: undefined }))
}
