// What is handed in: commits of every shape, made from dice. A few streams, tenants and keys are shared, so that commits meet.
import type {
  AuditEntry,
  AuditOutcome,
  Commit,
  Expectation,
  NewEvent,
  ReadCondition,
  StreamAppend,
  StreamName,
} from '@gesta/core/ports'
import type { Dice } from './dice.ts'
import { addedType, aggregateType } from './names.ts'

export interface CommitMaker {
  next(): Commit
}

/** The last one is that of an app without tenants. */
export const tenants = ['left', 'right', ''] as const
const streams = 40
const keys = 200
const fill = 'The quick brown fox: "ünï©ödé" \u2028 漢字 👩‍👩‍👧‍👦 \\ \u0001 '

/** `versionOf` is what was known at the last check: conditions on it are often met, and often not any more. */
export function createCommitMaker(
  dice: Dice,
  name: string,
  versionOf: (tenant: string, stream: StreamName) => number,
): CommitMaker {
  let made = 0
  return {
    next: () => {
      made += 1
      const commandId = `${name}-${made}`
      const tenant = tenants[dice(tenants.length)] ?? ''
      const data = JSON.stringify({ commandId })
      const wrote = dice(12) > 0
      const written = wrote ? streamsOf(dice, tenant, commandId, versionOf) : []
      return {
        commandId,
        tenant,
        context: JSON.stringify({ identity: 'alice', label: commandId }),
        recordedAt: 1_700_000_000_000_000 + made,
        streams: written,
        reads: dice(10) === 0 ? [readOf(dice, tenant, versionOf)] : [],
        header: {
          commandType: 'Crash.Add',
          outcome: wrote ? 'accepted' : 'rejected',
          answer: dice(2) === 0 ? JSON.stringify({ commandId, answer: textOf(dice) }) : undefined,
          version: undefined,
          fingerprint: dice(2) === 0 ? commandId : undefined,
        },
        idempotency: dice(10) === 0 ? { sender: 'alice', key: keyOf(dice, name), fingerprint: commandId } : undefined,
        messages: dice(10) === 0 ? [{ key: commandId, type: 'Crash.Told', schemaVersion: 1, data }] : [],
        jobs:
          dice(10) === 0
            ? [
                { type: 'Crash.Remind', data },
                { type: 'Crash.Remind', data: '{}' },
              ]
            : [],
        audit: dice(5) === 0 ? entriesOf(dice, wrote ? 'succeeded' : 'rejected', data) : [],
      }
    },
  }
}

function entriesOf(dice: Dice, outcome: AuditOutcome, data: string): readonly AuditEntry[] {
  return Array.from({ length: 1 + dice(2) }, (_, at) => {
    return { action: 'Crash.Add', actor: 'alice', resource: at === 0 ? '' : `Crash/${at}`, outcome, data }
  })
}

function streamsOf(
  dice: Dice,
  tenant: string,
  commandId: string,
  versionOf: (tenant: string, stream: StreamName) => number,
): readonly StreamAppend[] {
  const first = dice(streams)
  const count = dice(4) === 0 ? 2 + dice(2) : 1
  return Array.from({ length: count }, (_, at) => {
    const name = { aggregateType, aggregateId: `s${(first + 7 * at) % streams}` }
    const expectations: readonly Expectation[] = [
      'any',
      'any',
      'any',
      'any',
      'exists',
      'noStream',
      versionOf(tenant, name),
    ]
    const events = Array.from({ length: 1 + dice(3) }, () => eventOf(dice))
    // A stream of the commit's own is new for certain.
    if (dice(5) === 0) return { aggregateType, aggregateId: `${commandId}-${at}`, expectation: 'noStream', events }
    return { ...name, expectation: expectations[dice(expectations.length)] ?? 'any', events }
  })
}

function eventOf(dice: Dice): NewEvent {
  const data = JSON.stringify({ amount: dice(1000), text: textOf(dice) })
  return { type: addedType, schemaVersion: 1, data }
}

/** Mostly short; now and then so long that it takes several pages of a database. */
function textOf(dice: Dice): string {
  const length = dice(40) === 0 ? dice(40_000) : dice(200)
  return fill
    .repeat(Math.ceil(length / fill.length))
    .slice(0, length)
    .toWellFormed()
}

/** Mostly of the commit's own tenant. */
function readOf(dice: Dice, own: string, versionOf: (tenant: string, stream: StreamName) => number): ReadCondition {
  const name = { aggregateType, aggregateId: `s${dice(streams)}` }
  if (dice(3) > 0) return { ...name, version: versionOf(own, name) }
  const tenant = tenants[dice(tenants.length)] ?? ''
  return { tenant, ...name, version: versionOf(tenant, name) }
}

function keyOf(dice: Dice, name: string): string {
  return `${name}-key-${dice(keys)}`
}
