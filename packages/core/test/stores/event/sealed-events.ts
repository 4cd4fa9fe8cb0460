// Events as they are written and read by an app with a keyring, without the app: for tests of sealing.
import assert from 'node:assert/strict'
import { isGestaError } from '@gesta/core'
import { canonical } from '../../../src/codec/canonical.ts'
import type { ContractParts } from '../../../src/contracts/contract.ts'
import type { Commit } from '../../../src/stores/commit.ts'
import type { PersonalParts } from '../../../src/contracts/personal.ts'
import { createEventDecoder } from '../../../src/stores/event/event-decoder.ts'
import type { StoredEvent } from '../../../src/stores/event/event-store.ts'
import { createSealing } from '../../../src/stores/event/sealing.ts'
import type { Keyring } from '../../../src/stores/key/keyring.ts'
import { commitOf } from './commits.ts'

export const type = 'Person.Met'

/** The contract of an event with these personal fields. */
export function contractOf(marks: PersonalParts | undefined): ReadonlyMap<string, ContractParts> {
  return new Map([
    [type, { kind: 'event', type, schemaVersion: 1, upcasts: [], ...(marks === undefined ? {} : { personal: marks }) }],
  ])
}

export const personal = { subject: 'id', fields: ['name', 'more'] }
export const contracts: ReadonlyMap<string, ContractParts> = contractOf(personal)
export const plain: string = JSON.stringify({ id: 's', name: 'Ann', seen: 1, more: { mail: 'a@b.c' } })

/** For assert: an event that could not be opened, told without a word of its data. */
export function unreadable(why: RegExp, cause?: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(isGestaError(error, 'event_unreadable'))
    assert.match(error.message, why)
    assert.equal(error.facts['eventId'], 'c.0')
    if (cause !== undefined) assert.match(String(error.cause), cause)
    assert.doesNotMatch(error.message, /Ann|a@b/)
    return true
  }
}

export interface Met {
  readonly tenant?: string
  readonly commandId?: string
  readonly aggregateId?: string
  readonly personal?: PersonalParts | undefined
  readonly payloads?: 'personal' | 'all'
}

/** The event as it lies in the store. */
export async function storedEvent(keyring: Keyring, text: string, met: Met = {}): Promise<StoredEvent> {
  const { tenant = 't', commandId = 'c', aggregateId = 'a', payloads = 'personal' } = met
  const event = { tenant, eventId: `${commandId}.0`, type, aggregateId, personal: met.personal }
  const sealed = await createSealing(keyring, payloads).event(event, text)
  return {
    position: 1,
    commitNo: 1,
    commandId,
    index: 0,
    tenant,
    aggregateType: 'Person',
    aggregateId,
    version: 1,
    type,
    schemaVersion: 1,
    data: sealed.text,
    context: '{}',
    recordedAt: 1,
  }
}

/** The data of stored events, as a process with this keyring reads them. */
export async function readEvents(
  keyring: Keyring | undefined,
  page: readonly StoredEvent[],
  known: ReadonlyMap<string, ContractParts> = contractOf(undefined),
): Promise<readonly unknown[]> {
  return (await createEventDecoder(known, keyring).decodePage(page)).map(({ data }) => data)
}

/** The data of an event as the process reads it that has just stored it: at once. */
export function takenEvent(
  keyring: Keyring | undefined,
  stored: StoredEvent,
  known: ReadonlyMap<string, ContractParts>,
): unknown {
  const { aggregateType, aggregateId, data, schemaVersion } = stored
  const events = [{ type: stored.type, schemaVersion, data }]
  const commit: Commit = {
    ...commitOf({ commandId: stored.commandId, tenant: stored.tenant }),
    streams: [{ aggregateType, aggregateId, expectation: 'any', events }],
  }
  const receipt = { commitNo: 1, position: 1, firstVersions: [1] }
  return createEventDecoder(known, keyring).takeEventsOf({ commit, receipt })[0]?.data
}

/** Equal texts for equal data, with the order of their keys. */
export function textOf(data: unknown): string {
  return `${JSON.stringify(data)} ${canonical(data)}`
}
