// Who goes next: one line of waiting commits per tenant and lane. A group is filled tenant by tenant, with at most one commit per
// stream, so that no adapter has to order commits within a group; what is passed over stays first in its line for the next group.
import type { Commit, Verdict } from '../commit.ts'

export interface WaitingCommit {
  readonly commit: Commit
  /** Of its payloads. */
  readonly characters: number
  readonly bulk: boolean
  readonly signal: AbortSignal | undefined
  resolve(verdict: Verdict): void
  reject(error: unknown): void
}
export interface CommitLines {
  /** `mayWait`: it may not go at once, so its signal is listened to. */
  add(waiting: WaitingCommit, mayWait: boolean): void
  /** The next group, of `most` commits at most (default `groupMax`); not empty while commits wait. */
  takeGroup(most?: number): readonly WaitingCommit[]
  waiting(): number
}
export interface GroupLimits {
  readonly groupMax: number
  readonly groupCharactersMax: number
}

/** A place in a line; linked, because a caller may leave from the middle. */
interface Place {
  readonly waiting: WaitingCommit
  readonly line: Line
  before: Place | undefined
  after: Place | undefined
  gone: boolean
  stopListening: (() => void) | undefined
}
interface Line {
  readonly tenant: string
  first: Place | undefined
  last: Place | undefined
}
interface Lane {
  readonly byTenant: Map<string, Line>
  /** The lines that have somebody, in the order of their turns; `turn` is the next one. */
  readonly lines: Line[]
  turn: number
  waiting: number
}

/** The bulk lane's part of a group while the normal lane could fill it alone. */
const bulkShare = 0.25
/** Commits of one tenant that are looked at for one group, for each that it may hold: a long line for one hot stream costs no more. */
const looksPerMember = 4

export function createCommitLines({ groupMax, groupCharactersMax }: GroupLimits): CommitLines {
  const normal: Lane = { byTenant: new Map(), lines: [], turn: 0, waiting: 0 }
  const bulk: Lane = { byTenant: new Map(), lines: [], turn: 0, waiting: 0 }
  let bulkFirst = false
  // Places whose signals are heard only if they are still waiting when the next group has left.
  let unheard: Place[] = []

  const add = (waiting: WaitingCommit, mayWait: boolean): void => {
    const lane = waiting.bulk ? bulk : normal
    const line = lineOf(lane, waiting.commit.tenant)
    const place: Place = { waiting, line, before: line.last, after: undefined, gone: false, stopListening: undefined }
    if (line.last === undefined) line.first = place
    else line.last.after = place
    line.last = place
    lane.waiting += 1
    if (waiting.signal === undefined) return
    if (mayWait) listen(lane, place, waiting.signal)
    else unheard.push(place)
  }

  const takeGroup = (most: number = groupMax): readonly WaitingCommit[] => {
    const group = createGroup(most, groupCharactersMax, normal.waiting + bulk.waiting > 1)
    if (bulk.waiting === 0) fill(group, normal, most)
    else if (normal.waiting === 0) fill(group, bulk, most)
    else {
      const share = Math.max(1, Math.floor(most * bulkShare))
      // The lanes take turns in going first: each gets its part, and neither can keep a stream from the other for ever.
      bulkFirst = !bulkFirst
      if (bulkFirst) fill(group, bulk, share)
      fill(group, normal, bulkFirst ? most : Math.max(1, most - Math.min(share, bulk.waiting)))
      fill(group, bulk, most)
    }
    for (const place of unheard)
      if (!place.gone) listen(place.waiting.bulk ? bulk : normal, place, place.waiting.signal)
    unheard = []
    return group.members
  }

  return { add, takeGroup, waiting: () => normal.waiting + bulk.waiting }
}

function lineOf(lane: Lane, tenant: string): Line {
  let line = lane.byTenant.get(tenant)
  if (line === undefined) {
    line = { tenant, first: undefined, last: undefined }
    lane.byTenant.set(tenant, line)
    lane.lines.push(line)
  }
  return line
}

function listen(lane: Lane, place: Place, signal: AbortSignal | undefined): void {
  if (signal === undefined) return
  const leave = (): void => {
    remove(lane, place)
    place.waiting.reject(signal.reason)
  }
  if (signal.aborted) return leave()
  signal.addEventListener('abort', leave, { once: true })
  place.stopListening = () => signal.removeEventListener('abort', leave)
}

function remove(lane: Lane, place: Place): void {
  place.gone = true
  const { line, before, after } = place
  if (before === undefined) line.first = after
  else before.after = after
  if (after === undefined) line.last = before
  else after.before = before
  lane.waiting -= 1
  if (line.first === undefined) {
    const at = lane.lines.indexOf(line)
    lane.lines.splice(at, 1)
    if (at < lane.turn) lane.turn -= 1
    lane.byTenant.delete(line.tenant)
  }
}

/** A group that is being filled: who is in, and what they claim. */
interface Group {
  readonly members: WaitingCommit[]
  readonly membersMax: number
  /** Whether the next in line fits, and if so, it is in. */
  tryAdd(waiting: WaitingCommit): 'added' | 'claimed' | 'full'
}

function createGroup(membersMax: number, charactersMax: number, shared: boolean): Group {
  const members: WaitingCommit[] = []
  const claims = new Map<string, 'write' | 'read'>()
  let characters = 0
  return {
    members,
    membersMax,
    tryAdd: (waiting) => {
      if (members.length > 0 && characters + waiting.characters > charactersMax) return 'full'
      // A commit that is alone has nobody to meet.
      if (shared && !claim(claims, waiting.commit)) return 'claimed'
      characters += waiting.characters
      members.push(waiting)
      return 'added'
    },
  }
}

/** Takes what a commit writes, reads and is known by; all or nothing. */
function claim(
  claims: Map<string, 'write' | 'read'>,
  { tenant, commandId, streams, reads, idempotency, header }: Commit,
): boolean {
  const command = `${tenant}\0${commandId}`
  if (claims.has(command)) return false
  const key = idempotency && `${tenant}\0${idempotency.sender}\0${header.commandType}\0${idempotency.key}`
  if (key !== undefined && claims.has(key)) return false
  const written = streams.map((stream) => `${tenant}\0${stream.aggregateType}\0${stream.aggregateId}`)
  for (const name of written) if (claims.has(name)) return false
  const seen = reads.map((read) => `${read.tenant ?? tenant}\0${read.aggregateType}\0${read.aggregateId}`)
  for (const name of seen) if (claims.get(name) === 'write') return false

  claims.set(command, 'write')
  if (key !== undefined) claims.set(key, 'write')
  for (const name of seen) claims.set(name, 'read')
  for (const name of written) claims.set(name, 'write')
  return true
}

/** Fills a group from one lane until the group has `until` members: one commit of each tenant in turn. */
function fill(group: Group, lane: Lane, untilAdded: number): void {
  const until = Math.min(group.membersMax, group.members.length + untilAdded)
  // Where each line goes on looking, and how much it has looked at: what was claimed once stays claimed for this group.
  const looked = new Map<Line, { next: Place | undefined; left: number }>()
  let inVain = 0
  while (group.members.length < until && inVain < lane.lines.length) {
    if (lane.turn >= lane.lines.length) lane.turn = 0
    const line = lane.lines[lane.turn] as Line
    let look = looked.get(line)
    if (look === undefined) looked.set(line, (look = { next: line.first, left: looksPerMember * group.membersMax }))
    const lines = lane.lines.length
    const result = takeOne(group, lane, look)
    if (result === 'full') return
    inVain = result === 'added' ? 0 : inVain + 1
    // A line that has nobody left is gone, and the turn stands at the next one already.
    if (lane.lines.length === lines) lane.turn += 1
  }
}

function takeOne(
  group: Group,
  lane: Lane,
  look: { next: Place | undefined; left: number },
): 'added' | 'claimed' | 'full' {
  while (look.next !== undefined && look.left > 0) {
    const place = look.next
    const result = group.tryAdd(place.waiting)
    if (result === 'full') return 'full'
    look.next = place.after
    look.left -= 1
    if (result === 'added') {
      place.stopListening?.()
      remove(lane, place)
      return 'added'
    }
  }
  return 'claimed'
}
