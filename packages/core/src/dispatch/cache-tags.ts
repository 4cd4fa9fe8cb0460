// Which domain events end what was cached under a tag: the streams of tags that grow in the commit which stores them.
import { decode } from '../codec/json.ts'
import { checkKey } from '../codec/key-text.ts'
import { CacheInvalidated, cacheTagStream } from '../contracts/cache-invalidated.ts'
import type { StreamAppend } from '../stores/commit.ts'
import type { AdvancingEvent } from './advances.ts'

/** The event as a domain's `cacheTags` sees it. */
export type TaggedEvent = AdvancingEvent
export type CacheTags = ReadonlyMap<string, readonly ((event: TaggedEvent) => readonly string[])[]>

/** What makes a tag's stream one longer, whatever others do to it meanwhile. Errors: `invalid_key`. */
export function tagAppend(tag: string): StreamAppend {
  checkKey(tag, 'the tag')
  const { type, schemaVersion } = CacheInvalidated
  const events = [{ type, schemaVersion, data: '{}' }]
  return { aggregateType: cacheTagStream, aggregateId: tag, expectation: 'any', events }
}

/** The tags that the events of a commit end, each once. `texts`: as in `epochAppends`. Errors: what a domain's function throws; `invalid_key`. */
export function tagAppends(
  tags: CacheTags,
  tenant: string,
  streams: readonly { readonly id: string; readonly events: readonly { readonly type: string }[] }[],
  texts: readonly string[],
): readonly StreamAppend[] {
  if (tags.size === 0) return none
  const found = new Set<string>()
  let index = 0
  for (const { id, events } of streams)
    for (const { type } of events) {
      const text = texts[index++] ?? 'null'
      for (const tagsOf of tags.get(type) ?? none)
        for (const tag of tagsOf({ data: decode(text), tenant, aggregateId: id })) found.add(tag)
    }
  return [...found].map(tagAppend)
}

const none: readonly never[] = []
