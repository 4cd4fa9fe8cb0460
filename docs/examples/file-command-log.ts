// A command log in a file, for one process: a line per record, and all of them in memory too.
import { open, readFile, rename, writeFile } from 'node:fs/promises'
import {
  askPage,
  checkCommandFilter,
  checkCommandKey,
  checkRecords,
  commandMatcher,
  jsonRecords,
  pageOf,
  purgeOf,
  redactedDetail,
  storeClosed,
} from '@gesta/core/ports'
import type { CommandFilter, CommandLogStore, CommandRecord } from '@gesta/core/ports'

interface Kept {
  readonly number: number
  readonly record: CommandRecord
}

export async function fileCommandLog(path: string): Promise<CommandLogStore> {
  let file = await open(path, 'a')
  const text = await readFile(path, 'utf8')
  // A last line without its end was torn by a crash, and never acknowledged.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  if (whole !== text) await file.truncate(Buffer.byteLength(whole))
  // In the order of recording: an outcome takes the place of the record that the command had begun with.
  const kept = new Map(whole.split('\n').slice(0, -1).map(entryOf))
  let lastNumber = [...kept.values()].at(-1)?.number ?? 0
  let closed = false
  let turn = Promise.resolve()

  const opened = (): typeof kept => {
    if (closed) throw storeClosed()
    return kept
  }
  /** One change after the other. After one that failed nobody knows what the disk has: whoever opens the log again reads it. */
  const inTurn = <Result>(change: () => Promise<Result>): Promise<Result> => {
    opened()
    const done = turn.then(() => {
      opened()
      return change()
    })
    turn = done.then(
      () => undefined,
      () => void (closed = true),
    )
    return done
  }
  /** What was taken out must not stay in the file. */
  const rewrite = async (): Promise<void> => {
    await writeFile(`${path}.new`, [...kept.values()].map(lineOf).join(''), { flush: true })
    await rename(`${path}.new`, path)
    await file.close()
    file = await open(path, 'a')
  }
  const matching = (filter: CommandFilter): readonly Kept[] => {
    checkCommandFilter(filter)
    const matches = commandMatcher(filter)
    return [...opened().values()].filter(({ record }) => matches(record))
  }

  return {
    info: async () => {
      const { size: items } = opened()
      return { store: 'command-log', backend: 'file', readOnly: false, items, details: {} }
    },
    record: async (records) => {
      checkRecords(records)
      await inTurn(async () => {
        const added = new Map<string, Kept>()
        for (const record of records) {
          const key = keyOf(record.tenant, record.commandId)
          const before = added.get(key) ?? kept.get(key)
          // The first outcome stays.
          if (before !== undefined && (before.record.status !== 'started' || record.status === 'started')) continue
          added.set(key, { number: before?.number ?? (lastNumber += 1), record: { ...record, commitNo: undefined } })
        }
        await file.appendFile([...added.values()].map(lineOf).join(''))
        await file.sync()
        for (const [key, each] of added) kept.set(key, each)
      })
    },
    get: async (tenant, commandId) => {
      checkCommandKey(tenant, commandId)
      return opened().get(keyOf(tenant, commandId))?.record
    },
    list: async ({ order = 'newest', ...filter }, page) => {
      const found = matching(filter)
      const asked = askPage({ list: 'commands', question: { ...filter, order } }, ['number'], page)
      const { after: [last] = [] } = asked
      const ordered = order === 'newest' ? found.toReversed() : found
      const rest = ordered.filter(
        ({ number }) => last === undefined || (order === 'newest' ? number < last : number > last),
      )
      const { items, ...more } = pageOf(
        asked,
        rest.slice(asked.offset),
        ({ number }) => [number],
        asked.withTotal ? found.length : undefined,
      )
      return { ...more, items: items.map(({ record }) => record) }
    },
    total: async (filter = {}) => matching(filter).length,
    redact: async (tenant, commandId) => {
      checkCommandKey(tenant, commandId)
      return inTurn(async () => {
        const key = keyOf(tenant, commandId)
        const before = kept.get(key)
        if (before === undefined) return false
        kept.set(key, { ...before, record: redactedDetail(before.record) })
        await rewrite()
        return true
      })
    },
    purge: async (request) => {
      const { before, tenant, statuses, limit } = purgeOf(request)
      return inTurn(async () => {
        const old = matching({ tenant, statuses, to: before }).slice(0, limit)
        for (const { record } of old) kept.delete(keyOf(record.tenant, record.commandId))
        if (old.length > 0) await rewrite()
        return old.length
      })
    },
    [Symbol.asyncDispose]: async () => {
      await turn
      closed = true
      await file.close()
    },
  }
}

/** Keys hold no NUL. */
function keyOf(tenant: string, commandId: string): string {
  return `${tenant}\0${commandId}`
}

/** The number that cursors hold, and the record. */
function lineOf({ number, record }: Kept): string {
  return `${number} ${Buffer.from(jsonRecords.encode(record)).toString()}\n`
}

function entryOf(line: string): readonly [string, Kept] {
  const end = line.indexOf(' ')
  const record = jsonRecords.decode(Buffer.from(line.slice(end)))
  return [keyOf(record.tenant, record.commandId), { number: Number(line.slice(0, end)), record }]
}
