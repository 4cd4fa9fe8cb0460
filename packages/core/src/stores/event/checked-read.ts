// Read conditions that go with many commits: their texts are checked once, when they are made, and not again by each commit.
import { checkKey } from '../../codec/key-text.ts'
import type { ReadCondition } from '../commit.ts'

/** Frozen, so that what was checked is what is stored. Errors: `invalid_key`. */
export class CheckedRead implements ReadCondition {
  readonly tenant: string | undefined
  readonly aggregateType: string
  readonly aggregateId: string
  readonly version: number
  readonly #checked: true

  constructor(read: ReadCondition) {
    checkRead(read)
    this.tenant = read.tenant
    this.aggregateType = read.aggregateType
    this.aggregateId = read.aggregateId
    this.version = read.version
    this.#checked = true
    Object.freeze(this)
  }

  static is(read: ReadCondition): boolean {
    return #checked in read && read.#checked
  }
}

/** Errors: `invalid_key`. */
export function checkRead({ tenant, aggregateType, aggregateId }: ReadCondition): void {
  if (tenant !== undefined && tenant !== '') checkKey(tenant, 'tenant')
  checkKey(aggregateType, 'aggregate type')
  checkKey(aggregateId, 'aggregate id')
}
