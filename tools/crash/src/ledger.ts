// The ledger: what was handed in and what was said of it, kept by who is not killed. It knows nothing of the store but what callers
// know, and says of each commit what the log must hold of it.
import assert from 'node:assert/strict'
import type { Commit, StoredHeader } from '@gesta/core/ports'
import type { Said } from './protocol.ts'

/** A commit that was handed in, and that no check has put aside yet. */
export interface Entry {
  readonly commit: Commit
  /** What was said of it last; absent when nothing was, or what leaves it open. */
  said: Exclude<Said, { verdict: 'failed' }> | { readonly verdict: 'refused' } | undefined
  /** Where an earlier check has found it. */
  placed: number | undefined
  /** Acknowledged long ago, and handed in once more. */
  readonly isOld: boolean
}
export interface Ledger {
  /** Commits that were acknowledged as stored, or found stored by who handed them in again. */
  readonly acknowledged: number
  /** To be called before a commit is handed in. */
  handIn(commit: Commit): void
  /** Takes what was said of a commit. Throws when it cannot be true. */
  told(commit: Commit, said: Said): void
  /** All entries that no check has put aside. */
  entries(): readonly Entry[]
  /** Commits of which nobody was told anything: they are to be handed in again. */
  unsettled(): readonly Commit[]
  /** Puts an entry aside that a check has found in order, and keeps some of the stored ones, to hand them in again much later. */
  putAside(entry: Entry, header: StoredHeader | undefined): void
  /** Stored long ago; handed in again, it must be found. */
  old(at: number): Commit | undefined
}

const oldMax = 100
/** One of so many stored commits takes the place of an old one, so that some are very old. */
const oldEvery = 50

export function createLedger(): Ledger {
  const entries = new Map<string, Entry>()
  const old: { readonly commit: Commit; readonly commitNo: number }[] = []
  let stored = 0
  let acknowledged = 0

  const duplicate = (entry: Entry, said: Extract<Said, { verdict: 'duplicate' }>): void => {
    const { commit, placed } = entry
    if (said.by === 'key') {
      assert.ok(placed === undefined, `${commit.commandId} was stored, and is refused for its key.`)
      assert.notEqual(
        said.header.commandId,
        commit.commandId,
        `${commit.commandId} is told to repeat itself by its key.`,
      )
      return
    }
    assert.ok(placed !== undefined, `${commit.commandId} is told to repeat a commit that was not in the log.`)
    assert.equal(said.header.commitNo, placed, `${commit.commandId} has moved in the log.`)
    assertHeader(said.header, commit)
  }

  return {
    get acknowledged() {
      return acknowledged
    },
    handIn: (commit) => {
      const key = keyOf(commit)
      if (entries.has(key)) return
      const placed = old.find((one) => one.commit === commit)?.commitNo
      entries.set(key, { commit, said: undefined, placed, isOld: placed !== undefined })
    },
    told: (commit, said) => {
      const entry = entries.get(keyOf(commit))
      assert.ok(entry, `${commit.commandId} was not handed in.`)
      if (said.verdict === 'failed') {
        // Only this code leaves it open whether the commit is stored; the other ones of stores say that it is not.
        if (said.code === 'outcome_unknown') return
        assert.match(said.code ?? '', /^store_/, `${commit.commandId}: ${said.message}`)
        entry.said = { verdict: 'refused' }
        return
      }
      if (said.verdict === 'duplicate') duplicate(entry, said)
      else if (entry.placed !== undefined) {
        // A store whose connection broke finds its own earlier attempt, and cannot tell whether somebody else's was before it.
        const found = said.verdict === 'stored' ? said.commitNo : undefined
        assert.equal(found, entry.placed, `${commit.commandId} was in the log, and is now told ${said.verdict}.`)
      }
      if (isStored(said) && !entry.isOld) acknowledged += 1
      entry.said = said
    },
    entries: () => [...entries.values()],
    unsettled: () => [...entries.values()].filter(({ said }) => said === undefined).map(({ commit }) => commit),
    putAside: (entry, header) => {
      entries.delete(keyOf(entry.commit))
      if (header === undefined || entry.isOld) return
      const kept = { commit: entry.commit, commitNo: header.commitNo }
      stored += 1
      if (old.length < oldMax) old.push(kept)
      else if (stored % oldEvery === 0) old[(stored / oldEvery) % oldMax] = kept
    },
    old: (at) => old[at % oldMax]?.commit,
  }
}

/** Whether the caller was told that the commit is stored. */
export function isStored(said: NonNullable<Entry['said']>): boolean {
  return said.verdict === 'stored' || (said.verdict === 'duplicate' && said.by === 'command')
}

function keyOf({ tenant, commandId }: Commit): string {
  return `${tenant}\0${commandId}`
}

/** What a header must say of its commit. */
export function assertHeader(
  header: StoredHeader,
  { tenant, commandId, context, recordedAt, header: given }: Commit,
): void {
  const { commandType, outcome, answer, version, fingerprint } = header
  assert.deepEqual(
    [header.tenant, header.commandId, header.context, header.recordedAt],
    [tenant, commandId, context, recordedAt],
  )
  assert.deepEqual(
    [commandType, outcome, answer, version, fingerprint],
    [given.commandType, given.outcome, given.answer, given.version, given.fingerprint],
    `The header of ${commandId} is another one.`,
  )
}
