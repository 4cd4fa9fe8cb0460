// What every data store refuses: names that cannot be kept exactly, content types that cannot be sent, objects over the limit.
// Adapters call these first; the conformance suite checks that they do.
import { checkKey } from '../../codec/key-text.ts'
import { GestaError } from '../../errors/gesta-error.ts'
import { checkTenant } from '../check-text.ts'
import { askPage } from '../page.ts'
import type { AskedPage } from '../page.ts'
import type { PageRequest } from '../store.ts'
import { objectBytesMax } from './data-store.ts'
import type { NewObject, ObjectFilter, ObjectKey } from './data-store.ts'

const mediaType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:;[\x20-\x7e]*)?$/
const contentTypeLengthMax = 255

/** Errors: `invalid_key`. */
export function checkObjectKey({ tenant, bucket, object }: ObjectKey): void {
  checkTenant(tenant)
  checkKey(bucket, 'bucket')
  checkKey(object, 'object')
}

/** Errors: `invalid_key`, `payload_too_large`; a plain `TypeError` for content that is no `Uint8Array`. */
export function checkNewObject(object: NewObject): void {
  checkObjectKey(object)
  const { contentType, content } = object
  if (contentType.length > contentTypeLengthMax || !mediaType.test(contentType)) {
    throw new GestaError(
      'invalid_key',
      `Expected the content type to be a media type such as text/csv, at most ${contentTypeLengthMax} printable ASCII characters, received another text. Use application/octet-stream when it is not known.`,
      { facts: { what: 'content type' } },
    )
  }
  if (!(content instanceof Uint8Array))
    throw new TypeError(`Expected content to be a Uint8Array, received ${typeof content}. Encode texts first.`)
  if (content.byteLength > objectBytesMax) {
    throw new GestaError(
      'payload_too_large',
      `Expected an object to have at most ${objectBytesMax} bytes, received ${content.byteLength}. Split it, or keep it elsewhere and store a reference.`,
      { facts: { bytes: content.byteLength, bytesMax: objectBytesMax } },
    )
  }
}

/** The checked question of a list; its cursor holds bucket and object. Errors: `invalid_key`, `invalid_cursor`; a `RangeError`. */
export function askObjects(
  { tenant, bucket, prefix }: ObjectFilter,
  page: PageRequest | undefined,
): AskedPage<readonly [string, string]> {
  checkTenant(tenant)
  if (bucket !== undefined) checkKey(bucket, 'bucket')
  if (prefix !== undefined && prefix !== '') checkKey(prefix, 'prefix')
  return askPage({ list: 'objects', question: { tenant, bucket, prefix: prefix ?? '' } }, ['text', 'text'], page)
}
