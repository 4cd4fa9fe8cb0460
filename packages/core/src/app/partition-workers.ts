// Worker threads for building a view in parts: each loads the read model from its module and folds the events that it is given.
import { Worker } from 'node:worker_threads'
import type { OpenPartitionWorker, PartFolded, PartitionWorkers } from '../pump/partitions.ts'
import type { FromPartition, PartitionData, ToPartition } from './partition-messages.ts'

/** `undefined` for fewer than two: one worker would only stand between the log and the view. */
export function partitionWorkers(count: number): PartitionWorkers | undefined {
  return count < 2 ? undefined : { count, open }
}

const open: OpenPartitionWorker = async (model, tables, load) => {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const data: PartitionData = { ...model, tables }
  const options = { workerData: data, name: `builds ${model.name}` }
  const worker = new Worker(new URL(`./partition-thread.${extension}`, import.meta.url), options)
  // It has nothing to do but what it is asked for.
  let waiting: { resolve(folded: PartFolded): void; reject(error: Error): void } | undefined
  const ready = Promise.withResolvers<void>()
  ready.promise.catch(() => undefined)
  let ended: Error | undefined
  const fail = (error: Error): void => {
    ready.reject(error)
    waiting?.reject(error)
    waiting = undefined
  }
  const send = (message: ToPartition): void => {
    // The rule means windows.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    worker.postMessage(message)
  }
  const end = (error: Error): void => {
    ended ??= error
    fail(error)
  }
  worker.on('error', end)
  worker.on('exit', () => end(new Error(`A worker that builds ${model.name} ended.`)))
  worker.on('message', (message: FromPartition) => {
    if (message.kind === 'ready') ready.resolve()
    else if (message.kind === 'failed') fail(new Error(message.message))
    else if (message.kind === 'load')
      load(message.keys).then(
        (texts) => send({ kind: 'loaded', texts }),
        (error: Error) => send({ kind: 'unloaded', message: error.message }),
      )
    else {
      waiting?.resolve(message.folded)
      waiting = undefined
    }
  })
  const close = async (): Promise<void> => void (await worker.terminate())
  await ready.promise.catch(async (error: unknown) => {
    await close()
    throw error
  })
  return {
    fold: (events) =>
      new Promise((resolve, reject) => {
        // One that ended while it had nothing to do will not answer.
        if (ended !== undefined) return reject(ended)
        waiting = { resolve, reject }
        send({ kind: 'fold', events })
      }),
    [Symbol.asyncDispose]: close,
  }
}
