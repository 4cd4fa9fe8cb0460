// The data store on files: one file per object, put in its place in one step.
import { rm, rmdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  askObjects,
  checkNewObject,
  checkObjectKey,
  checkTenant,
  pageOf,
  storeClosed,
  storeReadOnly,
} from '@gesta/core/ports'
import type { Clock, DataStore, NewObject, ObjectHead } from '@gesta/core/ports'
import type { DataFolder } from './data-folder.ts'
import { fileError, isFileError } from './file-errors.ts'
import { headLines, readHead, readObject } from './object-file.ts'
import { countObjects, foldersIn, listHeads, totalOf, usageOf } from './object-list.ts'
import { flushFolder, replaceFile } from './replace-file.ts'

/** `atStep` is for tests that end the process while an object is written. */
export function createFileDataStore(
  folder: DataFolder,
  clock: Pick<Clock, 'nowUs'>,
  atStep?: (step: string) => void,
): DataStore {
  const working = new Set<Promise<unknown>>()
  let closed = false
  /** Runs an operation; errors are those that callers know, and closing waits for it. */
  const run = async <Result>(operation: () => Promise<Result>): Promise<Result> => {
    if (closed) throw storeClosed()
    const work = operation()
    working.add(work)
    try {
      return await work
    } catch (error) {
      throw fileError(error, folder.path)
    } finally {
      working.delete(work)
    }
  }
  const change = async <Result>(name: keyof DataStore & string, operation: () => Promise<Result>): Promise<Result> => {
    if (folder.readOnly && !closed) throw storeReadOnly('data', name)
    return run(operation)
  }
  const write = async (object: NewObject & { readonly hash: string }): Promise<ObjectHead> => {
    const { tenant, bucket, object: name, contentType, isPublic = false, content, hash } = object
    const known = { tenant, bucket, object: name, contentType, isPublic, bytes: content.byteLength, hash }
    const head = { ...known, storedAt: clock.nowUs() }
    const [path, aside] = [folder.object(head), folder.aside()]
    await replaceFile({ path, aside, parts: [headLines(head), content], atStep })
    return head
  }

  return {
    get: async (key) => {
      checkObjectKey(key)
      const found = await run(() => readObject(folder.object(key)))
      return found && { ...found.head, content: found.content }
    },
    head: async (key) => {
      checkObjectKey(key)
      return run(() => readHead(folder.object(key)))
    },
    set: async (object) => {
      checkNewObject(object)
      // A copy, because the caller may change the bytes before they are on the disk.
      const content = new Uint8Array(object.content)
      return change('set', async () => {
        // The digest is made beside the event loop, which 64 MiB would hold up.
        const digest = await crypto.subtle.digest('SHA-256', content)
        return write({ ...object, content, hash: Buffer.from(digest).toString('hex') })
      })
    },
    copy: async (from, to) => {
      checkObjectKey(from)
      checkObjectKey({ ...to, tenant: from.tenant })
      return change('copy', async () => {
        const found = await readObject(folder.object(from))
        return found && write({ ...found.head, bucket: to.bucket, object: to.object, content: found.content })
      })
    },
    list: async (filter, page) => {
      const asked = askObjects(filter, page)
      return run(async () => {
        const heads = await listHeads(folder, { ...filter, ...asked, limit: asked.limit + 1 })
        const total = asked.withTotal ? await countObjects(folder, filter) : undefined
        return pageOf(asked, heads, ({ bucket, object }) => [bucket, object], total)
      })
    },
    delete: async (key) => {
      checkObjectKey(key)
      return change('delete', () => remove(folder.object(key)))
    },
    usage: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return run(() => usageOf(folder, tenant))
    },
    total: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return run(() => totalOf(folder, tenant))
    },
    reset: async (tenant) => {
      if (tenant !== undefined) checkTenant(tenant)
      return change('reset', async () => {
        if (tenant !== undefined) return folder.discard(folder.tenant(tenant))
        for await (const each of foldersIn(folder.objects, 'tenant')) await folder.discard(each)
      })
    },
    info: () =>
      run(async () => {
        const usage = await usageOf(folder, undefined)
        return {
          store: 'data',
          backend: 'file',
          readOnly: folder.readOnly,
          items: usage.objects,
          details: { ...usage, path: folder.path },
        }
      }),
    [Symbol.asyncDispose]: async () => {
      closed = true
      await Promise.allSettled(working)
    },
  }
}

/** Whether there was a file. The folders of its bucket and tenant go with their last file. */
async function remove(path: string): Promise<boolean> {
  try {
    await rm(path)
  } catch (error) {
    if (isFileError(error, 'ENOENT', 'ENOTDIR')) return false
    throw error
  }
  const bucket = dirname(path)
  await flushFolder(bucket)
  for (const folder of [bucket, dirname(bucket)]) {
    try {
      await rmdir(folder)
    } catch (error) {
      if (isFileError(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) break
      throw error
    }
  }
  return true
}
