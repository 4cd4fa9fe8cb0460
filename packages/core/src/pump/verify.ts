// The verifier: builds a read model anew beside its live view and compares the two at one position, row by row.
import type { ReadModelParts } from '../read-models/read-model-parts.ts'
import type { EventDecoder } from '../stores/event/event-decoder.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import { compareText } from '../stores/read-model/row-order.ts'
import type { Checkpoint, KeyedRow, ReadModelStore, RowKey, View } from '../stores/read-model/read-model-store.ts'
import type { Ids } from '../ids/ids.ts'
import type { Alarms } from '../time/alarms.ts'
import { deadline } from '../time/deadline.ts'
import type { Deadline } from '../time/deadline.ts'
import { foldBatch, FoldFailed } from './fold-batch.ts'
import { failedAt } from './read-model-errors.ts'
import type { Difference, Verification, VerifyOptions } from './read-model-status.ts'
import { createRowCache } from './row-cache.ts'
import type { RowCache } from './row-cache.ts'
import type { ViewAccess } from './view-access.ts'

export interface VerifierParts {
  readonly access: ViewAccess
  readonly views: ReadModelStore
  readonly store: EventStore
  readonly decoder: EventDecoder
  readonly alarms: Alarms
  readonly ids: Ids
}
/** The view that is built for the comparison, and how far it is. */
interface Shadow {
  readonly view: View
  readonly rows: RowCache
  checkpoint: Checkpoint
  /** Positions that it lacks on purpose, as the live view does. */
  passedOver: ReadonlySet<number>
}

const pageEvents = 2_000
const pageRows = 1_000
const cacheBytes = 16 * 1024 * 1024
/** How often a view that another process moves is looked at until it stands still for one look. */
const looksMax = 200

/** Errors: `read_model_failed` when an event cannot be taken; `read_model_restoring`, `diverged`, `deadline_exceeded`, `store_*`. */
export async function verifyReadModel(
  parts: VerifierParts,
  { differencesMax = 100, deadlineMs, signal }: VerifyOptions,
): Promise<Verification> {
  const { access, views, store, ids, alarms } = parts
  const { model } = access.runner
  const limit = deadline(alarms, deadlineMs, signal)
  const live = await access.ready(undefined, limit)
  const name = { name: `${shadowPrefix}${model.name}/${ids.newId()}`, modelVersion: model.modelVersion, generation: 1 }
  const start = { incarnation: store.identity.incarnation, position: 0, eventId: '' }
  const shadow: Shadow = {
    view: await views.open(name, model.tables),
    rows: createRowCache(cacheBytes),
    checkpoint: start,
    passedOver: new Set(),
  }
  shadow.rows.clear(true)
  try {
    await build(parts, model, shadow, live, limit)
    const { suspects, rows } = await compare(shadow.view, live, limit)
    return await settle(parts, { model, shadow, live, suspects, rows, limit, differencesMax })
  } finally {
    limit.release()
    await views.remove(name)
  }
}

/** Views of this name belong to a comparison; what a crash leaves of one is in nobody's way. */
const shadowPrefix = 'Gesta.Verify/'

/** Brings the shadow to where the live view is now. */
async function build(
  { store, decoder }: VerifierParts,
  model: ReadModelParts,
  shadow: Shadow,
  live: View,
  limit: Deadline,
): Promise<Checkpoint> {
  const to = (await live.checkpoint()) ?? shadow.checkpoint
  const passedOver = await passedOverIn(live)
  if ([...shadow.passedOver].some((position) => !passedOver.has(position))) {
    // What was parked has been taken meanwhile: the shadow went past it.
    await shadow.view.reset()
    shadow.rows.clear(true)
    shadow.checkpoint = { ...shadow.checkpoint, position: 0, eventId: '' }
  }
  shadow.passedOver = passedOver
  while (shadow.checkpoint.position < to.position) {
    limit.check(`the read model ${model.name} was being verified`)
    const { position } = shadow.checkpoint
    const stored = await store.readAll({ after: position, limit: pageEvents })
    const events = (await decoder.decodeEach(stored)).filter((event) => event.position <= to.position)
    const last = events.at(-1)
    if (last === undefined) break
    const isHeld = passedOver.size === 0 ? undefined : (event: { position: number }) => passedOver.has(event.position)
    const { view, rows, checkpoint } = shadow
    const { writes, statements } = await foldBatch({ model, view, rows, isHeld }, events).catch((cause: unknown) => {
      throw cause instanceof FoldFailed ? failedAt(model, cause.event, cause.cause) : cause
    })
    const next = { incarnation: checkpoint.incarnation, position: last.position, eventId: last.id }
    await view.flush({ expected: checkpoint, next, writes, statements })
    shadow.checkpoint = next
  }
  return to
}

/** Positions that the live view lacks on purpose. */
async function passedOverIn(live: View): Promise<ReadonlySet<number>> {
  const positions = new Set<number>()
  for (const discarded of [false, true])
    for (let after = 0; ;) {
      const page = await live.parked({ discarded, after, limit: pageRows })
      for (const { position } of page) positions.add(position)
      const last = page.at(-1)
      if (last === undefined || page.length < pageRows) break
      after = last.position
    }
  return positions
}

/** Walks through both views side by side. What differs is a suspect: the live view may have moved on meanwhile. */
async function compare(
  shadow: View,
  live: View,
  limit: Deadline,
): Promise<{ readonly suspects: readonly RowKey[]; readonly rows: number }> {
  const expected = walk(shadow, limit)
  const received = walk(live, limit)
  const suspects: RowKey[] = []
  let rows = 0
  let left = await expected.next()
  let right = await received.next()
  while (left.done !== true || right.done !== true) {
    const order = left.done === true ? 1 : right.done === true ? -1 : compareKeys(left.value, right.value)
    const row = (order <= 0 ? left : right).value as KeyedRow
    if (order !== 0 || left.value?.value !== right.value?.value) suspects.push({ tenant: row.tenant, key: row.key })
    rows++
    if (order <= 0) left = await expected.next()
    if (order >= 0) right = await received.next()
  }
  return { suspects, rows }
}

async function* walk(view: View, limit: Deadline): AsyncGenerator<KeyedRow, undefined> {
  for (let after: RowKey | undefined; ;) {
    limit.check('two views were being compared')
    const page = await view.scan({ after, limit: pageRows })
    yield* page
    after = page.at(-1)
    if (page.length < pageRows) return undefined
  }
}

function compareKeys(a: RowKey, b: RowKey): number {
  return compareText(a.tenant, b.tenant) || compareText(a.key, b.key)
}

interface Settling {
  readonly model: ReadModelParts
  readonly shadow: Shadow
  readonly live: View
  readonly suspects: readonly RowKey[]
  readonly rows: number
  readonly limit: Deadline
  readonly differencesMax: number
}

/** Looks at the suspects again while the live view stands still: held by its owner, or seen at one position before and after. */
async function settle(parts: VerifierParts, settling: Settling): Promise<Verification> {
  const owner = parts.access.runner.generations?.live?.follower
  const look = (): Promise<Verification | undefined> => lookOnce(parts, settling)
  for (let looks = 0; looks < looksMax; looks++) {
    // The shadow comes near before the live view is held, so that it is held for the last events alone.
    await build(parts, settling.model, settling.shadow, settling.live, settling.limit)
    const found = owner === undefined ? await look() : await owner.hold(look)
    if (found !== undefined) return found
  }
  throw new Error(
    `The view of ${settling.model.name} moved whenever it was looked at. Verify it in the process that owns it, or while less is written.`,
  )
}

async function lookOnce(parts: VerifierParts, settling: Settling): Promise<Verification | undefined> {
  const { model, shadow, live, suspects, rows, limit, differencesMax } = settling
  const at = await build(parts, model, shadow, live, limit)
  const listed: Difference[] = []
  let differences = 0
  const note = (difference: Difference): void => {
    differences++
    if (listed.length < differencesMax) listed.push(difference)
  }
  for (let from = 0; from < suspects.length; from += pageRows) {
    const keys = suspects.slice(from, from + pageRows)
    const [expected, received] = await Promise.all([shadow.view.load(keys), live.load(keys)])
    keys.forEach((key, index) => {
      if (expected[index] !== received[index])
        note({ table: 'rows', ...key, expected: expected[index], received: received[index] })
    })
  }
  for (const table of model.tables?.names ?? [])
    for (const difference of await compareTables(table, shadow.view, live)) note(difference)
  const passedOver = await passedOverIn(live)
  const after = await live.checkpoint()
  if (after !== undefined && after.position !== at.position) return undefined
  const { name, modelVersion } = model
  const { generation } = live.view
  return {
    readModel: name,
    modelVersion,
    generation,
    position: at.position,
    rows,
    differences,
    listed,
    passedOver: passedOver.size,
  }
}

/** Own tables have no order of ours: two of them are equal when they hold the same rows equally often. */
async function compareTables(table: string, shadow: View, live: View): Promise<readonly Difference[]> {
  const texts = async (view: View): Promise<readonly string[]> =>
    (await view.select({ text: `SELECT * FROM ${view.table(table)}`, values: [] })).map((row) => JSON.stringify(row))
  const counts = new Map<string, number>()
  for (const text of await texts(shadow)) counts.set(text, (counts.get(text) ?? 0) + 1)
  for (const text of await texts(live)) counts.set(text, (counts.get(text) ?? 0) - 1)
  const found: Difference[] = []
  for (const [text, more] of [...counts].toSorted(([a], [b]) => compareText(a, b)))
    for (let left = Math.abs(more); left > 0; left--) {
      const sides = more > 0 ? { expected: text, received: undefined } : { expected: undefined, received: text }
      found.push({ table, tenant: '', key: '', ...sides })
    }
  return found
}
