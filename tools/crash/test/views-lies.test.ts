// The look at views finds what it looks for: every promise is broken once behind its back.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memory, memoryViews } from '@gesta/core'
import type { EventStore, KeyedRow, ReadModelStore, View } from '@gesta/core/ports'
import { accounts, add } from '../src/views/child/accounts.ts'
import { createViewsCheck } from '../src/views/check.ts'

interface Truth extends AsyncDisposable {
  readonly views: ReadModelStore
  readonly events: EventStore
}
/** Accounts with a few events, some of which are parked. */
async function truth(): Promise<Truth> {
  const [backend, inMemory] = [memory(), memoryViews()]
  const opened = Promise.withResolvers<ReadModelStore>()
  const log = Promise.withResolvers<EventStore>()
  const app = accounts(
    'memory',
    { isFailing: true, onHandler: () => undefined },
    {
      ...inMemory,
      open: async (runtime) => {
        const views = await inMemory.open(runtime)
        opened.resolve(views)
        return views
      },
    },
  )
  const running = await app.start({
    store: {
      ...backend,
      open: async (runtime) => {
        const store = await backend.open(runtime)
        log.resolve(store.events)
        return store
      },
    },
  })
  for (let at = 0; at < 12; at += 1)
    await running.as({ tenant: 'left' }).dispatch(add({ account: `a${at % 4}`, amounts: [1 + at, 4, 7] }))
  await running.caughtUp()
  return {
    views: await opened.promise,
    events: await log.promise,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}
/** The same views, where one read model's are otherwise. */
const withView = (store: ReadModelStore, name: string, change: (view: View) => Partial<View>): ReadModelStore => ({
  ...store,
  open: async (...given) => {
    const view = await store.open(...given)
    return view.view.name === name ? { ...view, ...change(view) } : view
  },
})
const withRows = (store: ReadModelStore, name: string, change: (rows: readonly KeyedRow[]) => readonly KeyedRow[]) =>
  withView(store, name, ({ scan }) => ({ scan: async (page) => change(await scan(page)) }))

test('views as the engine leaves them pass, with events that are parked', async () => {
  await using real = await truth()
  const looked = { views: 0, parked: 0 }
  await createViewsCheck('memory', looked).look(real.views, real.events)
  assert.equal(looked.views, 4)
  assert.ok(looked.parked > 0)
})

describe('it is found when', () => {
  const found = async (lie: (real: Truth) => ReadModelStore, pattern: RegExp): Promise<void> => {
    await using real = await truth()
    const check = createViewsCheck('memory')
    // What was there at the last look counts, too.
    await check.look(real.views, real.events)
    await assert.rejects(check.look(lie(real), real.events), (error) => {
      assert.ok(error instanceof assert.AssertionError)
      assert.match(error.message, pattern)
      return true
    })
  }
  test('a row is missing', () =>
    found(({ views }) => withRows(views, 'Account.Shared', (rows) => rows.slice(1)), /rows at/))
  test('a row has an event less', () =>
    found(
      ({ views }) =>
        withRows(views, 'Account.Everything', (rows) =>
          rows.map((row) => ({ ...row, value: row.value.replace('"events":36', '"events":35') })),
        ),
      /rows at/,
    ))
  test('a model of the projection is of another version', () =>
    found(
      ({ views }) =>
        withRows(views, 'Account', (rows) =>
          rows.map((row) => ({ ...row, value: row.value.replace('"version":9', '"version":8') })),
        ),
      /rows at/,
    ))
  test('a checkpoint stands in the middle of a commit', () =>
    found(
      ({ views, events }) =>
        withView(views, 'Account.Shared', ({ checkpoint }) => ({
          checkpoint: async () => {
            const at = await checkpoint()
            const [, second] = await events.readAll({ after: 0, limit: 2 })
            return at && second && { ...at, position: 2, eventId: `${second.commandId}.${second.index}` }
          },
        })),
      /in the middle of a commit/,
    ))
  test('a checkpoint names another event', () =>
    found(
      ({ views }) =>
        withView(views, 'Account.Shared', ({ checkpoint }) => ({
          checkpoint: async () => {
            const at = await checkpoint()
            return at && { ...at, eventId: 'another.0' }
          },
        })),
      /names another event/,
    ))
  test('an event that waits was taken all the same', () =>
    found(
      ({ views }) =>
        withView(views, 'Account.Parking', ({ parked }) => ({
          parked: async (filter) => (await parked(filter)).slice(0, -1),
        })),
      /went past one of its key/,
    ))
  test('parked events are in another order', () =>
    found(
      ({ views }) =>
        withView(views, 'Account.Parking', ({ parked }) => ({
          parked: async (filter) => (await parked(filter)).toReversed(),
        })),
      /not in the order of the log/,
    ))
  test('what was shown is shown no more', () =>
    found(
      ({ views }) => ({
        ...views,
        plan: async (...given) => ({ ...(await views.plan(...given)), revision: 99, live: undefined }),
      }),
      /has lost the generation/,
    ))
  test('a plan is an older one', () =>
    found(
      ({ views }) => ({ ...views, plan: async (...given) => ({ ...(await views.plan(...given)), revision: 0 }) }),
      /went back/,
    ))
  test('what is shown has no view', () => found(({ views }) => ({ ...views, views: async () => [] }), /has no view/))
})
