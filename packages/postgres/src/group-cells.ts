// A group as the lists that the server's function takes (src/migrations/log/0002-append.ts, 0004-command-detail.ts,
// 0007-audit-log.ts, 0010-job-terms.ts), and its answer as verdicts.
import type { Commit, CommitParts, Expectation, StreamAppend, StreamName, Verdict } from '@gesta/core/ports'
import { conflictOf, correlationIdOf, encodeDetail, eventCount } from '@gesta/core/ports'
import { bigintArray, textArray } from './binary-arrays.ts'
import type { Cell, Value } from './driver.ts'

type Texts = (string | undefined)[]
type Numbers = (number | undefined)[]

const [anyVersion, anyButNone, noVersion] = [-1, -2, -3]
const kindOf = { messages: 1, jobs: 2 }
const [noTexts, noNumbers] = [textArray([]), bigintArray([])]

/** The first thirteen arguments: twelve lists, and whether a commit has an idempotency key. */
export function encodeGroup(group: readonly Commit[]): readonly Value[] {
  const commits: Lists = { texts: [], numbers: [] }
  const streams: StreamLists = { texts: [], numbers: [], tenants: undefined }
  const events: Lists = { texts: [], numbers: [] }
  const parts: Lists = { texts: [], numbers: [] }
  const audit: Lists = { texts: [], numbers: [] }
  const details: Texts = []
  let eventsBefore = 0
  let hasKeys = false
  let hasDetails = false
  for (const [before, commit] of group.entries()) {
    const count = eventCount(commit)
    addCommit(commits, commit, before, count, eventsBefore)
    addStreams(streams, events, commit, before + 1)
    addParts(parts, commit, before + 1)
    if (commit.audit.length > 0) addAudit(audit, commit, before + 1)
    eventsBefore += count
    details.push(commit.detail?.payload, commit.detail && encodeDetail(commit.detail))
    if (commit.idempotency !== undefined) hasKeys = true
    if (commit.detail !== undefined) hasDetails = true
  }
  const lists = [commits, streams, events, parts].flatMap(({ texts, numbers }) => [
    textArray(texts),
    bigintArray(numbers),
  ])
  const hasAudit = audit.numbers.length > 0
  return [
    ...lists,
    hasDetails ? textArray(details) : noTexts,
    tenantsOf(streams),
    hasAudit ? textArray(audit.texts) : noTexts,
    hasAudit ? bigintArray(audit.numbers) : noNumbers,
    hasKeys,
  ]
}

interface Lists {
  readonly texts: Texts
  readonly numbers: Numbers
}
interface StreamLists extends Lists {
  /** By place of the stream, from 0, of those that lie in another tenant than their commit; absent: none does. */
  tenants: Map<number, string> | undefined
}

function tenantsOf({ numbers, tenants }: StreamLists): Buffer {
  if (tenants === undefined) return noTexts
  return textArray(Array.from({ length: numbers.length / 3 }, (_, at) => tenants.get(at)))
}

function addCommit(
  { texts, numbers }: Lists,
  commit: Commit,
  before: number,
  count: number,
  eventsBefore: number,
): void {
  const { tenant, commandId, context, recordedAt, header, idempotency } = commit
  const { commandType, outcome, answer, version, fingerprint } = header
  texts.push(tenant, commandId, commandType, outcome, correlationIdOf(context), fingerprint, answer, context)
  texts.push(idempotency?.sender, idempotency?.key, idempotency?.fingerprint)
  numbers.push(recordedAt, version, count, before, eventsBefore)
}

function addStreams(
  streams: StreamLists,
  events: Lists,
  { tenant, streams: written, reads }: Commit,
  commit: number,
): void {
  let index = 0
  for (const { aggregateType, aggregateId, expectation, events: added } of written) {
    streams.texts.push(aggregateType, aggregateId)
    const expected = expectedNumber(expectation)
    streams.numbers.push(commit, expected, Math.max(0, expected))
    const stream = streams.texts.length / 2
    for (let at = 0; at < added.length; at += 1) {
      const { type, schemaVersion, data } = added[at] as StreamAppend['events'][number]
      events.texts.push(type, data)
      events.numbers.push(stream, at + 1, index, schemaVersion)
      index += 1
    }
  }
  for (const { tenant: of = tenant, aggregateType, aggregateId, version } of reads) {
    if (of !== tenant) (streams.tenants ??= new Map()).set(streams.numbers.length / 3, of)
    streams.texts.push(aggregateType, aggregateId)
    const expected = exactNumber(version)
    streams.numbers.push(commit, expected, Math.max(0, expected))
  }
}

function expectedNumber(expectation: Expectation): number {
  if (expectation === 'any') return anyVersion
  if (expectation === 'exists') return anyButNone
  return expectation === 'noStream' ? 0 : exactNumber(expectation)
}

/** A number that no version can be must not be taken for one, nor for a mark. */
function exactNumber(version: number): number {
  return Number.isSafeInteger(version) && version >= 0 ? version : noVersion
}

function addParts({ texts, numbers }: Lists, { messages, jobs }: CommitParts, commit: number): void {
  for (const [index, { key, type, schemaVersion, data }] of messages.entries()) {
    texts.push(key, type, data)
    numbers.push(kindOf.messages, commit, index, schemaVersion)
  }
  for (const [index, { type, data, terms }] of jobs.entries()) {
    texts.push(terms, type, data)
    numbers.push(kindOf.jobs, commit, index, undefined)
  }
}

function addAudit({ texts, numbers }: Lists, { audit }: CommitParts, commit: number): void {
  for (const [index, { action, actor, resource, outcome, data }] of audit.entries()) {
    texts.push(action, actor, resource, outcome, data)
    numbers.push(commit, index)
  }
}

/** A commit that is there already, and under which number. */
export interface Repetition {
  readonly verdict: 'repetition'
  readonly by: 'command' | 'key'
  readonly commitNo: number
}

/** What the function answered, for each commit of the group. A repetition is settled by reading its header. */
export function decodeVerdicts(group: readonly Commit[], answer: Cell | undefined): readonly (Verdict | Repetition)[] {
  const numbers = answer as readonly number[]
  const lists = group.map(({ streams, reads }) => [...streams, ...reads])
  const refusedFrom = 2 + lists.reduce((sum, { length }) => sum + length, 0)
  const refusals = refusalsOf(numbers, refusedFrom)
  let [commitNo = 0, position = 0] = numbers
  let firstStream = 0
  return group.map((commit, at) => {
    const own = lists[at] as readonly StreamName[]
    const versions = numbers.slice(2 + firstStream, 2 + firstStream + own.length)
    firstStream += own.length
    const refusal = refusals.get(at + 1)
    if (refusal !== undefined) {
      const { kind, detail } = refusal
      if (kind !== conflict)
        return { verdict: 'repetition', by: kind === sameCommand ? 'command' : 'key', commitNo: detail }
      return conflictAt(commit, versions, detail - 1 - (firstStream - own.length))
    }
    commitNo += 1
    position += eventCount(commit)
    const firstVersions = commit.streams.map((_, index) => (versions[index] as number) + 1)
    return { verdict: 'stored', commitNo, position, firstVersions }
  })
}

const [sameCommand, conflict] = [1, 3]

function refusalsOf(numbers: readonly number[], from: number): ReadonlyMap<number, { kind: number; detail: number }> {
  const refusals = new Map<number, { kind: number; detail: number }>()
  for (let at = from; at < numbers.length; at += 3)
    refusals.set(numbers[at] as number, { kind: numbers[at + 1] as number, detail: numbers[at + 2] as number })
  return refusals
}

/** `index`: among the commit's streams and reads. */
function conflictAt({ streams, reads }: Commit, versions: readonly number[], index: number): Verdict {
  const actual = versions[index] as number
  const written = streams[index]
  if (written !== undefined) return conflictOf(written, written.expectation, actual)
  const read = reads[index - streams.length] as Commit['reads'][number]
  return conflictOf(read, read.version, actual)
}
