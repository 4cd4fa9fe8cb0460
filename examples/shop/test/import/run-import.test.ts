// The import itself, against a target that does as it is told: order, bounds, repetition, and what is counted.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, it } from 'node:test'
import { readInvoices } from '../../src/import/read-invoices.ts'
import { runImport } from '../../src/import/run-import.ts'
import { invoicesIn } from '../../src/import/tally.ts'
import { Refused, Unsettled } from '../../src/import/target.ts'
import type { Decided, Target } from '../../src/import/target.ts'
import { sampleFile } from '../../src/load-sample.ts'

const accepted: Decided = { accepted: true, kind: 'sale', newEvents: 1 }
const target = (send: Target['send']): Target => ({ name: 'a test', send, [Symbol.asyncDispose]: async () => {} })

describe('an import', () => {
  it('has no more invoices in flight than allowed, and those of a customer in the order of the file', async () => {
    let inFlight = 0
    let most = 0
    const sent = new Map<string, string[]>()
    const busy = target(async ({ data }) => {
      most = Math.max(most, ++inFlight)
      sent.set(data.customerId ?? '', [...(sent.get(data.customerId ?? '') ?? []), data.orderId])
      await sleep(Number(data.orderId.at(-1)) % 3)
      inFlight--
      return accepted
    })
    const tally = await runImport({ file: sampleFile, target: busy, concurrency: 16 })
    assert.equal(most, 16)
    assert.equal(invoicesIn(tally), 503)

    const inFile = new Map<string, string[]>()
    for await (const entry of readInvoices(sampleFile)) {
      if (entry.kind === 'unreadable' || entry.customerId === null) continue
      inFile.set(entry.customerId, [...(inFile.get(entry.customerId) ?? []), entry.invoiceNo])
    }
    sent.delete('')
    assert.deepEqual(sent, inFile)
  })

  it('sends again what was not settled, as the same command under the same key', async () => {
    const attempts = new Map<string, Set<string>>()
    const tally = await runImport({
      file: sampleFile,
      target: target(async ({ data }, { key, commandId }) => {
        const known = attempts.get(data.orderId)
        if (known === undefined) {
          attempts.set(data.orderId, new Set([`${key} ${commandId}`]))
          throw new Unsettled('The answer was lost.')
        }
        known.add(`${key} ${commandId}`)
        return accepted
      }),
      concurrency: 512,
    })
    assert.equal(tally.sales, 503)
    for (const ids of attempts.values()) assert.equal(ids.size, 1)
  })

  it('counts what the shop could not decide, names it, and goes on', async () => {
    const troubles: string[] = []
    const tally = await runImport({
      file: sampleFile,
      target: target(async ({ data }) => {
        if (data.orderId === '557442') throw new Refused('payload_too_large', 'is too large')
        return accepted
      }),
      onTrouble: ({ invoiceNo, problem }) => troubles.push(`${invoiceNo} ${problem}`),
    })
    assert.equal(tally.failed.get('payload_too_large')?.count, 1)
    assert.equal(tally.sales, 502)
    assert.deepEqual(troubles, ['557442 is too large'])
  })

  it('fails with the first error that is not about one invoice, and leaves nothing running', async () => {
    let inFlight = 0
    const failing = target(async ({ data }) => {
      inFlight++
      await sleep(1)
      inFlight--
      if (data.orderId === '557442') throw new Error('permission denied')
      return accepted
    })
    await assert.rejects(runImport({ file: sampleFile, target: failing }), /permission denied/)
    assert.equal(inFlight, 0)
  })

  it('stops reading when it is told to, and still counts what was in flight', async () => {
    const stop = new AbortController()
    let answered = 0
    const stopping = target(async () => {
      await sleep(1)
      if (++answered === 10) stop.abort()
      return accepted
    })
    const tally = await runImport({ file: sampleFile, target: stopping, concurrency: 4, signal: stop.signal })
    assert.equal(tally.sales, answered)
    assert(answered < 20, `${answered}`)
  })
})
