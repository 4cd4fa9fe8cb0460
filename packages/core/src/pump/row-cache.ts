// Rows of one view as its owner last wrote them: what a batch folds was mostly written by the batch before. Only an owner may keep
// them, since nobody else writes. Bounded in bytes: rows are dropped half by half, the ones that were not used for longest first.
import { decode, deepFreeze, encode } from '../codec/json.ts'
import type { RowKey, View } from '../stores/read-model/read-model-store.ts'
import { isPlain } from './plain.ts'

/** A row that is kept: its text, or what the text decodes to, or neither for a row that does not exist. */
export interface Slot extends RowKey {
  text: string | undefined
  row: unknown
  /** Whether it is known what the view has. */
  loaded: boolean
  /** The batch that touched it last. */
  batch: number
  /** What it was counted for, in bytes. */
  bytes: number
}
export interface RowCache {
  slot(tenant: string, key: string): Slot
  /** Fetches the rows of slots that are not loaded, in one question. Errors: `store_*`. */
  load(slots: readonly Slot[], view: Pick<View, 'load'>): Promise<void>
  /** Ends a batch by which rows grew by so many bytes. What was touched in it or in the one before is never dropped. */
  endBatch(grownBytes: number): void
  /** Forgets everything. `empty`: the view has no rows now, so what is not here is nowhere. */
  clear(empty: boolean): void
}
type Half = Map<string, Map<string, Slot>>

export function createRowCache(bytesMax: number): RowCache {
  let young: Half = new Map()
  let old: Half = new Map()
  let youngBytes = 0
  // While nothing was dropped, a row that is not here does not exist.
  let complete = false
  // Neighbours are mostly of one tenant.
  let lastTenant = ''
  let lastSlots: Map<string, Slot> | undefined

  const slotsOf = (tenant: string): Map<string, Slot> => {
    if (lastSlots !== undefined && tenant === lastTenant) return lastSlots
    let slots = young.get(tenant)
    if (slots === undefined) young.set(tenant, (slots = new Map()))
    lastTenant = tenant
    return (lastSlots = slots)
  }
  const turn = (): void => {
    young = new Map()
    youngBytes = 0
    lastSlots = undefined
  }
  return {
    slot: (tenant, key) => {
      const slots = slotsOf(tenant)
      const known = slots.get(key)
      if (known !== undefined) return known
      const slot = old.get(tenant)?.get(key) ?? newSlot(tenant, key, complete)
      slots.set(key, slot)
      youngBytes += slot.bytes
      return slot
    },
    load: async (slots, view) => {
      const missing = slots.filter(({ loaded }) => !loaded)
      if (missing.length === 0) return
      const texts = await view.load(missing.map(({ tenant, key }) => ({ tenant, key })))
      missing.forEach((slot, at) => {
        slot.text = texts[at]
        slot.loaded = true
      })
    },
    endBatch: (grownBytes) => {
      youngBytes += grownBytes
      if (youngBytes * 2 <= bytesMax) return
      if (old.size > 0) complete = false
      old = young
      turn()
    },
    clear: (empty) => {
      old = new Map()
      turn()
      complete = empty
    },
  }
}

function newSlot(tenant: string, key: string, loaded: boolean): Slot {
  return { tenant, key, text: undefined, row: undefined, loaded, batch: -1, bytes: 0 }
}

/** The row as a reader of the stored text would see it, frozen; `undefined` when there is none. */
export function rowIn(slot: Slot): unknown {
  if (slot.row === undefined && slot.text !== undefined) slot.row = decode(slot.text)
  return slot.row
}

/** Puts what a fold made; `undefined` deletes the row. Errors: `invalid_output` for what is no JSON. */
export function putRow(slot: Slot, made: unknown, what: string): void {
  // What text and back would not change need not go that way until it is stored.
  const isExact = made !== undefined && isPlain(made)
  slot.row = isExact ? deepFreeze(made) : undefined
  slot.text = isExact || made === undefined ? undefined : encode(made, what)
}

const rowOverheadBytes = 200

/** The text to store, and how many bytes the slot has grown. What can be made again from it is not kept twice. */
export function takeText(
  slot: Slot,
  what: string,
): { readonly value: string | undefined; readonly grownBytes: number } {
  const value = slot.row === undefined ? slot.text : (slot.text ?? encode(slot.row, what))
  if (slot.row !== undefined) slot.text = undefined
  const bytes = rowOverheadBytes + 2 * (slot.key.length + (value?.length ?? 0))
  const grownBytes = bytes - slot.bytes
  slot.bytes = bytes
  return { value, grownBytes }
}
