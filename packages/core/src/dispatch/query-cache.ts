// The cache as one query sees it: of its tenant, not older than it may be, with readers that wait for what a load must see.
import type { Engine } from './engine.ts'
import type { CacheAsked, HandlerCache, HandlerLoading, Loads } from './caching.ts'
import type { Reading } from './views.ts'

type Serving = Pick<Engine, 'caching' | 'views' | 'store' | 'tokens'>

export function cacheFor(engine: Serving, reading: Reading): HandlerCache {
  const { tenant, after, deadline, seen } = reading
  return {
    get: (key, load, options) => {
      // Neither one version nor the aggregates that it shows are known of an answer that was kept.
      seen.reads += 2
      const asked: CacheAsked = { tenant, after, deadline }
      if (seen.aggregates !== undefined) return loadAnew(engine, reading, load)
      return engine.caching.get(key, (loads) => load(handlerLoading(engine, reading, loads)), options, asked)
    },
  }
}

/** The load is for others too, so nothing of it counts for the query that began it. */
function handlerLoading({ views }: Serving, reading: Reading, loads: Loads): HandlerLoading {
  const { after, signal, position, deadline } = loads
  const seen = { reads: 0, versions: [], aggregates: undefined }
  return {
    after,
    signal,
    read: (model) => views.reader(model, { ...reading, seen, after: position, deadline }) as never,
  }
}

/** A caller that asks for the histories of what it is shown is shown it as it lies in views. */
async function loadAnew<Value>(
  { views, store, tokens }: Serving,
  reading: Reading,
  load: (loading: HandlerLoading) => Promise<Value>,
): Promise<Value> {
  const { after, deadline } = reading
  return load({
    after: tokens.token(after ?? (await store.head())),
    signal: deadline.signal,
    read: (model) => views.reader(model, reading) as never,
  })
}
