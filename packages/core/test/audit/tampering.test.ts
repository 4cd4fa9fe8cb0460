// Tampering: whatever somebody who can write into the store does to a chain, verification finds it and names the first place.
import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { verifyAuditLog } from '@gesta/core'
import type { AuditBreak, AuditCheckpoint, AuditFilter, AuditLog, StoredAuditEntry } from '@gesta/core'
import { signCheckpoint } from '../../src/audit/signature.ts'
import { chainHash, chainStart } from '../../src/stores/audit/chain.ts'
import { admin, openedAudit, publicKey, signingKey, store } from './opened-audit.ts'

type Chain = readonly StoredAuditEntry[]

const length = 12
async function soundChain(tenant: string): Promise<Chain> {
  const { backend } = await openedAudit()
  await store(backend, tenant, [3, 1, 4, 4])
  return backend.audit.read({ tenant, after: 0 })
}
const sound = await soundChain('t')
const neighbour = await soundChain('u')

/** What a store would answer that holds these rows of the tenant `t`, beside the sound ones of another. */
function logOf(chain: Chain): AuditLog {
  const rows = new Map([
    ['t', chain],
    ['u', neighbour],
  ])
  return {
    read: async ({ tenant, after, limit = 1_000 }: { tenant: string; after: number; limit?: number | undefined }) =>
      (rows.get(tenant) ?? []).filter(({ sequence }) => sequence > after).slice(0, limit),
    heads: async ({ after = '' }: { after?: string | undefined } = {}) =>
      [...rows].flatMap(([tenant, entries]) => {
        const { sequence = 0, hash = '' } = entries.at(-1) ?? {}
        return sequence === 0 || tenant <= after ? [] : [{ tenant, sequence, hash }]
      }),
    list: async ({ tenant = '' }: AuditFilter) => ({ items: (rows.get(tenant) ?? []).slice(-1) }),
  } as unknown as AuditLog
}

async function breaksOf(
  chain: Chain,
  pageSize: number,
  checkpoints: readonly AuditCheckpoint[] = [],
): Promise<readonly AuditBreak[]> {
  return (await verifyAuditLog(logOf(chain), { checkpoints, publicKey, pageSize })).breaks
}
async function assertFound(
  chain: Chain,
  pageSize: number,
  expected: readonly [AuditBreak['problem'], number],
  checkpoints?: readonly AuditCheckpoint[],
): Promise<void> {
  const breaks = await breaksOf(chain, pageSize, checkpoints)
  assert.deepEqual(
    breaks.map(({ tenant, problem, sequence }) => [tenant, problem, sequence]),
    [['t', ...expected]],
  )
}
/** Hashes that follow from the rows, as somebody would write them who knows how. */
function rehashed(chain: Chain, from: number): Chain {
  const rows = [...chain]
  for (let at = from - 1; at < rows.length; at++) {
    const row = rows[at] as StoredAuditEntry
    rows[at] = { ...row, hash: chainHash(row, rows[at - 1]?.hash ?? chainStart) }
  }
  return rows
}
function edited(chain: Chain, sequence: number, change: Partial<StoredAuditEntry>): Chain {
  return chain.map((entry) => (entry.sequence === sequence ? { ...entry, ...change } : entry))
}
const numbered = (chain: Chain): Chain => chain.map((entry, at) => ({ ...entry, sequence: at + 1 }))
const checkpointAt = (sequence: number): AuditCheckpoint => {
  const { hash } = sound[sequence - 1] as StoredAuditEntry
  return signCheckpoint([{ tenant: 't', sequence, hash }], '2026-01-01T00:00:00.000Z', createPrivateKey(signingKey))
}

const place = fc.integer({ min: 1, max: length })
const pageSize = fc.integer({ min: 1, max: length + 2 })
const change: fc.Arbitrary<Partial<StoredAuditEntry>> = fc.oneof(
  fc
    .constantFrom('action', 'actor', 'resource', 'commandId', 'data', 'hash', 'tenant')
    .chain((field) => fc.string({ maxLength: 20 }).map((text) => ({ [field]: `${text}!` }))),
  fc.constantFrom('succeeded!', 'denied', '').map((outcome) => ({ outcome: outcome as never })),
  fc.integer({ min: 9 }).map((index) => ({ index })),
  fc.integer({ min: 1 }).map((recordedAt) => ({ recordedAt })),
)

describe('verification', () => {
  test('finds nothing in what was stored, with and without checkpoints', async () => {
    assert.equal(sound.length, length)
    await fc.assert(
      fc.asyncProperty(pageSize, place, async (size, at) => {
        assert.deepEqual(await breaksOf(sound, size), [])
        assert.deepEqual(await breaksOf(sound, size, [checkpointAt(at), checkpointAt(length)]), [])
      }),
    )
  })

  test('names an entry of which anything was changed', async () => {
    await fc.assert(
      fc.asyncProperty(place, change, pageSize, async (at, by, size) => {
        await assertFound(edited(sound, at, by), size, ['changed', at])
      }),
    )
  })

  test('names the entry behind a changed one whose hash was made to fit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: length - 1 }), pageSize, async (at, size) => {
        const row = edited(sound, at, { actor: 'nobody' })
        const one = [...rehashed(row, at).slice(0, at), ...sound.slice(at)]
        await assertFound(one, size, ['changed', at + 1])
      }),
    )
  })

  test('names the first entry that is missing, wherever it lay and however many', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: length - 1 }),
        fc.nat({ max: length }),
        pageSize,
        async (at, more, size) => {
          const to = Math.min(length - 1, at + more)
          await assertFound([...sound.slice(0, at - 1), ...sound.slice(to)], size, ['missing', at])
        },
      ),
    )
  })

  test('names the place of a deletion, an insertion or a new order whose numbers were made to fit', async () => {
    await fc.assert(
      fc.asyncProperty(place, place, pageSize, async (at, other, size) => {
        const [one, two] = [Math.min(at, other), Math.max(at, other)]
        if (two < length) await assertFound(numbered(sound.toSpliced(two - 1, 1)), size, ['changed', two])
        const forged = { ...(sound[0] as StoredAuditEntry), actor: 'nobody' }
        await assertFound(numbered(sound.toSpliced(one - 1, 0, forged)), size, ['changed', one])
        if (one === two) return
        const [first, second] = [sound[one - 1], sound[two - 1]] as [StoredAuditEntry, StoredAuditEntry]
        await assertFound(numbered(sound.with(one - 1, second).with(two - 1, first)), size, ['changed', one])
      }),
    )
  })

  test('finds rows that are shown in another order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...sound], { minLength: length }), async (rows) => {
        fc.pre(rows.some(({ sequence }, at) => sequence !== at + 1))
        const [found] = await breaksOf(rows, 100)
        assert.ok(found?.problem === 'missing' || found?.problem === 'changed')
      }),
    )
  })

  test('misses a cut end alone, and names it against a checkpoint of before', async () => {
    await fc.assert(
      fc.asyncProperty(place, place, pageSize, async (at, other, size) => {
        const [end, known] = [Math.min(at, other) - 1, Math.max(at, other)]
        assert.deepEqual(await breaksOf(sound.slice(0, end), size), [])
        await assertFound(sound.slice(0, end), size, ['truncated', end + 1], [checkpointAt(known)])
        // A checkpoint from before the cut tells nothing of it.
        if (end > 0) assert.deepEqual(await breaksOf(sound.slice(0, end), size, [checkpointAt(end)]), [])
      }),
    )
  })

  test('misses a suffix that was hashed anew, and names the first checkpoint that it contradicts', async () => {
    await fc.assert(
      fc.asyncProperty(place, place, pageSize, async (at, other, size) => {
        const [from, known] = [Math.min(at, other), Math.max(at, other)]
        const forged = rehashed(edited(sound, from, { outcome: 'denied' as const, actor: 'nobody' }), from)
        assert.deepEqual(await breaksOf(forged, size), [])
        const checkpoints = [checkpointAt(length), checkpointAt(known)]
        await assertFound(forged, size, ['rewritten', known], checkpoints)
        if (from > 1) assert.deepEqual(await breaksOf(forged, size, [checkpointAt(from - 1)]), [])
      }),
    )
  })

  test('names a head that the rows do not reach', async () => {
    const log = logOf(sound.slice(0, 5))
    const heads = logOf(sound).heads
    const { breaks, entries } = await verifyAuditLog({ ...log, heads })
    assert.deepEqual(
      [breaks.map(({ problem, sequence }) => [problem, sequence]), entries],
      [[['truncated', 6]], 5 + length],
    )
  })

  test('looks at one tenant when asked, and says how much it looked at', async () => {
    const broken = edited(sound, 3, { actor: 'nobody' })
    assert.deepEqual(await verifyAuditLog(logOf(broken), { tenant: 'u' }), { tenants: 1, entries: length, breaks: [] })
    const { breaks } = await verifyAuditLog(logOf(broken), { tenant: 't' })
    assert.equal(breaks[0]?.commandId, sound[2]?.commandId)
    assert.match(breaks[0]?.message ?? '', /Entry 3 of the tenant "t" is not what was stored/)
  })

  test('ends, however fast entries are added to the tenant meanwhile', async () => {
    const { backend } = await openedAudit()
    const log = backend.audit
    await store(backend, 't', [3])
    const growing: AuditLog = {
      ...log,
      read: async (read) => {
        assert.ok((await log.total()) < 20, 'It follows whoever appends.')
        await store(backend, 't', [1])
        return log.read(read)
      },
    }
    for (const tenant of ['t', undefined])
      assert.deepEqual((await verifyAuditLog(growing, { tenant, pageSize: 1 })).breaks, [])
  })

  test('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await assert.rejects(verifyAuditLog(logOf(sound), { signal }), /enough/)
  })

  test('by an app tells the caller, and the log, how many breaks there are', async () => {
    const { audit, backend } = await openedAudit(() => ({ read: logOf(edited(sound, 2, { data: '{}' })).read }))
    const { breaks } = await audit.verify(admin, { tenant: 't' })
    assert.deepEqual(
      breaks.map(({ sequence }) => sequence),
      [2],
    )
    const [entry] = (await backend.audit.list({ tenant: 't' })).items
    assert.match(entry?.data ?? '', /1 entries of 1 tenants, 1 breaks/)
  })
})
