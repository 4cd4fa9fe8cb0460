// The data store for system administrators: `StoreData`.
import type { CommandContract, Handler, QueryContract } from '../contracts/contract.ts'
import { command, query } from '../contracts/define.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { flag, optional, record, text, time, whole } from '../schema/plain-schema.ts'
import type { PlainSchema } from '../schema/plain-schema.ts'
import type { ObjectHead } from '../stores/data/data-store.ts'
import { timeText } from '../time/clock.ts'
import { storeRow } from './answers.ts'
import type { Introspection } from './introspection.ts'
import type { RateLimit } from './rate-limit.ts'
import type { StoreRow } from './rows.ts'
import { guarded } from './store-guard.ts'
import { infoOf } from './store-info.ts'
import { askedPage, changedOne, name, pageFields, reason, shownPage, single } from './store-pages.ts'
import { storeChange, storePage, tenant } from './store-pages.ts'
import type { StoreChange, StorePage, StorePageInput } from './store-pages.ts'

export interface StoreDataQuestion extends StorePageInput {
  readonly tenant: string
  readonly bucket?: string | undefined
  /** Objects whose name begins with it. */
  readonly prefix?: string | undefined
  /** One object, by its name; together with `bucket`. */
  readonly object?: string | undefined
  /** Its bytes too, up to 4 MiB; with `object`. */
  readonly withContent?: boolean | undefined
}
export interface StoreDataItem {
  readonly tenant: string
  readonly bucket: string
  readonly object: string
  readonly contentType: string
  readonly isPublic: boolean
  readonly bytes: number
  readonly hash: string
  readonly storedAt: string
  /** Base64. */
  readonly content?: string | undefined
}
export interface StoreDataUpdate {
  readonly tenant: string
  readonly bucket: string
  readonly object: string
  readonly contentType: string
  readonly isPublic?: boolean | undefined
  /** Base64, up to 4 MiB of bytes. */
  readonly content: string
  readonly reason: string
}
export interface StoreDataDelete {
  readonly tenant: string
  readonly bucket: string
  readonly object: string
  readonly reason: string
}
/** Bytes that one message may carry: they pass through memory as text, more than once. */
const contentBytesMax = 4 * 1024 * 1024

const item: PlainSchema<StoreDataItem> = record<StoreDataItem>({
  tenant: text(),
  bucket: text(),
  object: text(),
  contentType: text(),
  isPublic: flag,
  bytes: whole(),
  hash: text(),
  storedAt: time,
  content: optional(text()),
})

export const StoreDataInfo: QueryContract<'StoreData.Info', void, StoreRow> = query('StoreData.Info', {
  description: 'See what the data store tells of itself.',
  result: storeRow,
})
export const StoreDataRead: QueryContract<'StoreData.Read', StoreDataQuestion, StorePage<StoreDataItem>> = query(
  'StoreData.Read',
  {
    description: 'List and fetch stored objects of all tenants.',
    input: record<StoreDataQuestion>({
      ...pageFields,
      tenant,
      bucket: optional(name),
      prefix: optional(text(0, 512)),
      object: optional(name),
      withContent: optional(flag),
    }),
    result: storePage(item),
  },
)
export const StoreDataUpdateCommand: CommandContract<'StoreData.Update', StoreDataUpdate, StoreChange> = command(
  'StoreData.Update',
  {
    description: 'Store an object, or replace it.',
    input: record<StoreDataUpdate>({
      tenant,
      bucket: name,
      object: name,
      contentType: text(1, 255),
      isPublic: optional(flag),
      content: text(0, Math.ceil(contentBytesMax / 3) * 4),
      reason,
    }),
    result: storeChange,
    redact: { content: 'secret' },
    audited: true,
  },
)
export const StoreDataDeleteCommand: CommandContract<'StoreData.Delete', StoreDataDelete, StoreChange> = command(
  'StoreData.Delete',
  {
    description: 'Delete a stored object.',
    input: record<StoreDataDelete>({ tenant, bucket: name, object: name, reason }),
    result: storeChange,
    audited: true,
  },
)
export type StoreDataContract =
  | typeof StoreDataInfo
  | typeof StoreDataRead
  | typeof StoreDataUpdateCommand
  | typeof StoreDataDeleteCommand

export function storeDataHandlers(rate: RateLimit): readonly Handler<StoreDataContract>[] {
  const placeOf = (asked: StoreDataQuestion): string =>
    `data/${asked.tenant}/${asked.bucket ?? '*'}/${asked.object ?? `${asked.prefix ?? ''}*`}`
  return [
    guarded(
      StoreDataInfo,
      rate,
      () => ({ resource: 'data' }),
      ({ backend }) => infoOf('data', backend.data),
    ),
    guarded(StoreDataRead, rate, (asked) => ({ resource: placeOf(asked) }), readObjects),
    guarded(
      StoreDataUpdateCommand,
      rate,
      (asked) => ({ resource: placeOf(asked), reason: asked.reason }),
      async ({ backend }, { tenant: of, bucket, object, contentType, isPublic, content }) => {
        await backend.data.set({ tenant: of, bucket, object, contentType, isPublic, content: bytesOf(content) })
        return changedOne(true)
      },
    ),
    guarded(
      StoreDataDeleteCommand,
      rate,
      (asked) => ({ resource: placeOf(asked), reason: asked.reason }),
      async ({ backend }, { tenant: of, bucket, object }) =>
        changedOne(await backend.data.delete({ tenant: of, bucket, object })),
    ),
  ]
}

async function readObjects({ backend }: Introspection, asked: StoreDataQuestion): Promise<StorePage<StoreDataItem>> {
  const { data } = backend
  const { tenant: of, bucket, prefix, object, withContent = false } = asked
  if (object === undefined) return shownPage(await data.list({ tenant: of, bucket, prefix }, askedPage(asked)), itemOf)
  const key = { tenant: of, bucket: bucket ?? '', object }
  const head = await data.head(key)
  if (head === undefined || !withContent) return single(head && itemOf(head))
  if (head.bytes > contentBytesMax) throw tooLarge(head.bytes)
  const stored = await data.get(key)
  return single(stored && { ...itemOf(stored), content: Buffer.from(stored.content).toString('base64') })
}

function itemOf({
  tenant: of,
  bucket,
  object,
  contentType,
  isPublic,
  bytes,
  hash,
  storedAt,
}: ObjectHead): StoreDataItem {
  return { tenant: of, bucket, object, contentType, isPublic, bytes, hash, storedAt: timeText(storedAt) }
}

/** Errors: `invalid_input` for what is no base64, because decoding would pass over it. */
function bytesOf(content: string): Uint8Array {
  const bytes = Buffer.from(content, 'base64')
  if (bytes.toString('base64') === content) return bytes
  throw new GestaError('invalid_input', 'Expected content to be base64 with padding, received another text.', {
    facts: { violations: [{ path: 'content', reason: 'Expected base64 with padding.' }] },
  })
}

function tooLarge(bytes: number): GestaError {
  return new GestaError(
    'payload_too_large',
    `Expected an object of at most ${contentBytesMax} bytes, but it has ${bytes}. Fetch it where the app serves it.`,
    { facts: { bytes, bytesMax: contentBytesMax } },
  )
}
