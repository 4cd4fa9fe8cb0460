// A worker that builds a part of a view: loads the read model from its module, then folds batch after batch with the same code as
// everybody else. Started by partition-workers.ts; do not import it.
import { parentPort, workerData } from 'node:worker_threads'
import { foldBatch } from '../pump/fold-batch.ts'
import type { ViewRows } from '../pump/fold-batch.ts'
import { createRowCache } from '../pump/row-cache.ts'
import type { ReadModelParts } from '../read-models/read-model-parts.ts'
import { createEventDecoder } from '../stores/event/event-decoder.ts'
import type { FromPartition, PartitionData, ToPartition } from './partition-messages.ts'

const cacheBytes = 32 * 1024 * 1024
const { name, modelVersion, module, tables } = workerData as PartitionData
const port = parentPort
if (port === null)
  throw new Error('Expected to run in a worker thread. This module is started by an app, do not import it.')

const send = (message: FromPartition): void => {
  port.postMessage(message)
}
const model = await loadModel()
const decoder = createEventDecoder(model.events)
const rows = createRowCache(cacheBytes)
let loading: { resolve(texts: readonly (string | undefined)[]): void; reject(error: Error): void } | undefined
const view: ViewRows = {
  table: (table) => tables[table] ?? table,
  load: (keys) =>
    new Promise((resolve, reject) => {
      loading = { resolve, reject }
      send({ kind: 'load', keys })
    }),
}

port.on('message', (message: ToPartition) => {
  if (message.kind === 'loaded') loading?.resolve(message.texts)
  else if (message.kind === 'unloaded') loading?.reject(new Error(message.message))
  else
    fold(message.events).catch((error: Error) => {
      send({ kind: 'failed', message: error.message })
    })
})
send({ kind: 'ready' })

async function fold(events: Extract<ToPartition, { kind: 'fold' }>['events']): Promise<void> {
  const { writes, statements, applied } = await foldBatch({ model, view, rows }, await decoder.decodeEach(events))
  send({ kind: 'folded', folded: { writes, statements, applied } })
}

async function loadModel(): Promise<ReadModelParts> {
  const exported = (await import(module)) as { readonly [key: string]: unknown }
  for (const value of Object.values(exported)) {
    const found = value as Partial<ReadModelParts> | null | undefined
    if (
      typeof found === 'object' &&
      found?.name === name &&
      found.modelVersion === modelVersion &&
      found.handlers instanceof Map
    )
      return found as ReadModelParts
  }
  throw new Error(
    `Expected the module ${module} to export the read model ${name} in version ${modelVersion}; it does not. Export it there, or leave \`module\` out.`,
  )
}
