// The steps at which the crash harness ends a process lie where they say.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { crashing } from '@gesta/core/testing'
import type { CrashStep } from '@gesta/core/testing'
import { postgres } from '../src/index.ts'
import { flushedTables, flushedView } from './children/crash-flush-view.ts'
import { commitOf, tenant } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

/** `undefined`: the server has it, and does what it can before it notices. */
const steps: readonly { readonly step: CrashStep; readonly isStored: boolean | undefined }[] = [
  { step: 'sending', isStored: false },
  { step: 'sent', isStored: undefined },
  { step: 'answered', isStored: true },
]

describe('a process that ends', { skip }, () => {
  for (const { step, isStored } of steps) {
    test(`at "${step}" has told nobody, and leaves the whole commit or nothing`, async () => {
      const schema = await newSchema()
      const path = new URL('children/crash.ts', import.meta.url).pathname
      const child = spawn(process.execPath, ['--conditions=gesta-source', path, JSON.stringify(schema), step], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [said, [, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')])
      assert.deepEqual([said, signal], ['', 'SIGKILL'])
      await using backend = await postgres(schema).open(runtime)
      // The same commit again comes behind whatever the server still does.
      const { verdict } = await backend.events.commit(commitOf('c', 'a'))
      if (isStored !== undefined) assert.equal(verdict, isStored ? 'duplicate' : 'stored')
      assert.equal(await backend.events.head(), 1)
      assert.equal((await backend.events.header(tenant, 'c'))?.commitNo, 1)
    })
  }
})

/** `undefined` as above. */
const flushSteps: readonly { readonly step: CrashStep; readonly isWritten: boolean | undefined }[] = [
  { step: 'flush-sending', isWritten: false },
  { step: 'flush-sent', isWritten: undefined },
  { step: 'flush-answered', isWritten: true },
]

describe('a process that ends in a flush', { skip }, () => {
  for (const { step, isWritten } of flushSteps) {
    for (const kind of ['rows', 'statements'] as const) {
      test(`at "${step}" leaves rows and checkpoint together, with ${kind}`, async () => {
        const schema = await newSchema()
        const path = new URL('children/crash-flush.ts', import.meta.url).pathname
        const child = spawn(process.execPath, ['--conditions=gesta-source', path, JSON.stringify(schema), step, kind], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        const [said, [, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')])
        assert.deepEqual([said, signal], ['', 'SIGKILL'])
        await using backend = await postgres(schema).open(runtime)
        const view = await backend.readModels.open(flushedView, flushedTables)
        // It comes behind whatever the server still does.
        await view.claim(2)
        const checkpoint = await view.checkpoint()
        if (isWritten !== undefined) assert.equal(checkpoint !== undefined, isWritten)
        assert.equal(await view.get({ tenant, key: 'a' }), checkpoint && '1')
        const noted = await view.select({ text: `SELECT * FROM ${view.table('notes')}`, values: [] })
        assert.equal(noted.length, checkpoint !== undefined && kind === 'statements' ? 1 : 0)
      })
    }
  }
})

test('a crash point is a step that the store has', () => {
  const options = crashing({ url: 'postgres://127.0.0.1/a' }, { step: 'begun', after: 1 })
  assert.throws(() => postgres(options), /no step "begun" to crash at/)
})
