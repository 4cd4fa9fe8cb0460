// The comparison of all views with the log: wherever a checkpoint stands, rows and own tables are the fold of the events up to there,
// without those that are parked or were discarded. Plans and views agree.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { EventStore, ParkedEvent, ReadModelStore, StoredEvent, View, ViewPlan } from '@gesta/core/ports'
import { accountName, addedType, lineTables, modelFolds, noTrail } from './models.ts'
import type { ModelFold, Taken, Trail } from './models.ts'
import type { Opening } from './protocol.ts'

export interface ViewsCheck {
  /** Throws an assertion error when something is not in order. Nobody writes meanwhile. */
  look(readModels: ReadModelStore, events: EventStore): Promise<void>
  /** Views that are in no plan, at the last look. */
  readonly left: ReadonlySet<string>
}
/** What was looked at so far. */
export interface Looked {
  /** Views that were compared. */
  views: number
  /** Parked and discarded events that were met. */
  parked: number
}
interface Logged extends Taken {
  readonly commitNo: number
  readonly eventId: string
  readonly version: number
}

export function createViewsCheck(store: Opening['store'], looked: Looked = { views: 0, parked: 0 }): ViewsCheck {
  const names = [accountName, ...Object.keys(modelFolds)].filter(
    (name) => store !== 'memory' || !foldOf(name)?.hasTables,
  )
  const plans = new Map<string, ViewPlan>()
  const left = new Set<string>()
  const log: Logged[] = []

  const readLog = async (events: EventStore): Promise<void> => {
    for (;;) {
      const page = await events.readAll({ after: log.length, limit: 5_000 })
      if (page.length === 0) return
      for (const event of page) log.push(loggedOf(event))
    }
  }
  const lookAt = async (name: string, view: View, incarnation: string): Promise<void> => {
    const where = `${name}/${view.view.generation}`
    const waiting = await allParked(view, false)
    const discarded = await allParked(view, true)
    const checkpoint = await view.checkpoint()
    const position = checkpoint?.position ?? 0
    const last = log[position - 1]
    if (checkpoint !== undefined) {
      assert.equal(checkpoint.incarnation, incarnation)
      assert.equal(checkpoint.eventId, last?.eventId ?? '', `${where}: the checkpoint names another event.`)
      assert.notEqual(log[position]?.commitNo, last?.commitNo ?? 0, `${where} stands in the middle of a commit.`)
    }
    assertParked(where, waiting, discarded, log.slice(0, position))
    const passedOver = new Set([...waiting, ...discarded].map((event) => event.position))
    const taken = log.slice(0, position).filter((event) => !passedOver.has(event.position))
    assert.deepEqual(await rowsOf(view), expectedRows(name, taken), `${where}: rows at ${position}.`)
    if (foldOf(name)?.hasTables === true) await assertTables(where, view, taken)
    looked.views += 1
    looked.parked += passedOver.size
  }

  return {
    left,
    look: async (readModels, events) => {
      await readLog(events)
      left.clear()
      const there = await readModels.views()
      for (const name of names) {
        const plan = await readModels.plan(name, 1)
        const generations = there.filter((view) => view.name === name).map(({ generation }) => generation)
        assertPlan(name, plan, plans.get(name), generations)
        plans.set(name, plan)
        for (const generation of generations) {
          // As the app opens it: a process may have been killed between a view and its tables.
          const tables = foldOf(name)?.hasTables === true ? lineTables : undefined
          const view = await readModels.open({ name, modelVersion: 1, generation }, tables)
          await lookAt(name, view, events.identity.incarnation)
          if (generation !== plan.live?.number && generation !== plan.building?.number)
            left.add(`${name}/${generation}`)
        }
      }
    },
  }
}

function foldOf(name: string): ModelFold | undefined {
  return (modelFolds as { readonly [name: string]: ModelFold })[name]
}

/** What was shown once is never taken away without another one in its place. */
function assertPlan(name: string, plan: ViewPlan, before: ViewPlan | undefined, generations: readonly number[]): void {
  const { live, building } = plan
  if (before === undefined) return
  assert.ok(plan.revision >= before.revision, `The plan of ${name} went back to revision ${plan.revision}.`)
  if (before.live === undefined) return
  assert.ok(live !== undefined && live.number >= before.live.number, `${name} has lost the generation that it showed.`)
  assert.ok(building === undefined || building.number > live.number, `${name} builds an older generation.`)
  assert.ok(generations.includes(live.number), `${name}: generation ${live.number} is shown, and has no view.`)
}

function assertParked(
  where: string,
  waiting: readonly ParkedEvent[],
  discarded: readonly ParkedEvent[],
  log: readonly Logged[],
): void {
  const first = new Map<string, number>()
  const positions = new Set(discarded.map(({ position }) => position))
  let before = 0
  for (const { position, tenant, key, eventId } of waiting) {
    assert.ok(position > before, `${where}: parked events are not in the order of the log.`)
    before = position
    assert.equal(log[position - 1]?.eventId, eventId, `${where}: what is parked at ${position} is another event.`)
    assert.ok(!positions.has(position), `${where}: the event at ${position} is parked and discarded.`)
    positions.add(position)
    const id = `${tenant}\0${key}`
    if (!first.has(id)) first.set(id, position)
  }
  for (const { position, tenant, account, type } of log) {
    const from = first.get(`${tenant}\0${account}`) ?? Infinity
    if (type === addedType && position > from)
      assert.ok(positions.has(position), `${where}: the event at ${position} went past one of its key that waits.`)
  }
}

async function allParked(view: View, discarded: boolean): Promise<readonly ParkedEvent[]> {
  return view.parked({ discarded, limit: 10_000 })
}

interface Row {
  readonly tenant: string
  readonly key: string
  readonly row: unknown
}
/** As a value that is compared: by tenant and key, in one order. */
function sorted(rows: readonly Row[]): readonly string[] {
  return rows.map(({ tenant, key, row }) => JSON.stringify([tenant, key, row])).toSorted()
}

async function rowsOf(view: View): Promise<readonly string[]> {
  const rows: Row[] = []
  for (;;) {
    const page = await view.scan({ after: rows.at(-1), limit: 10_000 })
    for (const { tenant, key, value } of page) rows.push({ tenant, key, row: compared(JSON.parse(value)) })
    if (page.length < 10_000) return sorted(rows)
  }
}

/** Of a model of the projection what the log says without a calendar. */
function compared(row: Trail | { readonly state: unknown; readonly version: number }): unknown {
  return 'state' in row ? [row.state, row.version] : [row.events, row.chain]
}

function expectedRows(name: string, taken: readonly Logged[]): readonly string[] {
  const model = foldOf(name)
  const rows = new Map<string, Row>()
  if (model === undefined) for (const event of taken) projected(rows, event)
  else
    for (const event of taken)
      for (const key of model.keys(event)) {
        const id = `${event.tenant}\0${key}`
        const [events = 0, chain = 0] = (rows.get(id)?.row ?? []) as readonly number[]
        const row = model.fold(events === 0 ? noTrail : { events, chain }, event)
        if (row === undefined) rows.delete(id)
        else rows.set(id, { tenant: event.tenant, key, row: compared(row) })
      }
  return sorted([...rows.values()])
}

function projected(rows: Map<string, Row>, { tenant, account, type, amount, version }: Logged): void {
  const id = `${tenant}\0${account}`
  const [state] = (rows.get(id)?.row ?? [{ events: 0, sum: 0 }]) as readonly [{ events: number; sum: number }]
  const next = type === addedType ? { events: state.events + 1, sum: state.sum + amount } : { events: 0, sum: 0 }
  rows.set(id, { tenant, key: account, row: [next, version] })
}

async function assertTables(where: string, view: View, taken: readonly Logged[]): Promise<void> {
  const added = taken.filter(({ type }) => type === addedType)
  const lines = added.map(({ position, tenant, account, amount }) => `${position} ${tenant} ${account} ${amount}`)
  const sums = new Map<string, number>()
  for (const { tenant, account, amount } of added) {
    const id = `${tenant} ${account}`
    sums.set(id, (sums.get(id) ?? 0) + amount)
  }
  const asTexts = async (table: string, columns: readonly string[]): Promise<readonly string[]> => {
    const found = await view.select({ text: `SELECT * FROM ${view.table(table)}`, values: [] })
    return found.map((row) => columns.map((column) => row[column]).join(' ')).toSorted()
  }
  const received = await asTexts('lines', ['position', 'tenant', 'account', 'amount'])
  // Long lists are compared as one text, which is told when they differ.
  if (digest(received) !== digest(lines.toSorted())) assert.deepEqual(received, lines.toSorted(), `${where}: lines.`)
  const totals = [...sums].map(([id, total]) => `${id} ${total}`).toSorted()
  assert.deepEqual(await asTexts('sums', ['tenant', 'account', 'total']), totals, `${where}: sums.`)
}

function digest(texts: readonly string[]): string {
  return createHash('sha256').update(texts.join('\n')).digest('hex')
}

function loggedOf({
  position,
  tenant,
  type,
  aggregateId,
  data,
  commitNo,
  commandId,
  index,
  version,
}: StoredEvent): Logged {
  const { amount = 0 } = JSON.parse(data) as { readonly amount?: number }
  return { position, tenant, type, account: aggregateId, amount, commitNo, eventId: `${commandId}.${index}`, version }
}
