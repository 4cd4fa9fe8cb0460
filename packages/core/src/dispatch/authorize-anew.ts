// When permissions move under a command: what let it pass is told to be outdated, and every check is made once more, and exactly.
import { epochStream } from '../contracts/permissions-changed.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { Commit, ReadCondition, StreamName, Verdict } from '../stores/commit.ts'
import type { TenantStream } from '../stores/event/event-store.ts'
import type { Engine, Execution } from './engine.ts'

/** Times that permissions may move under one command: each is somebody else's change, so they are no lost races. */
const changesMax = 100

/** `changes`: how often that has happened to this command. Errors: as the policies refuse; `conflict`. */
export async function authorizeAnew({ middleware }: Engine, execution: Execution, changes: number): Promise<void> {
  const { arrival, input, deadline, contract, commandId } = execution
  if (changes > changesMax)
    throw new GestaError(
      'conflict',
      `Permissions changed ${changes} times while ${contract.type} was being decided. Try again when they rest.`,
      { facts: { commandId, attempts: changes } },
    )
  deadline.check(`${contract.type} was being authorized anew`)
  arrival.isStrict = true
  arrival.conditions = none
  for (const { authorize } of middleware) await authorize?.(arrival)
  for (const { check } of middleware) await check?.(arrival, input)
}

/** The streams that a command relies on, beside those that it decides on. */
export function conditionStreams({ tenant, arrival }: Execution): readonly TenantStream[] {
  return arrival.conditions.map((condition) => ({ ...condition, tenant: condition.tenant ?? tenant }))
}

/** Whether what a command relies on has moved; `versions` are those of its condition streams now. The policies are told. */
export function permissionsMoved(engine: Engine, execution: Execution, versions: readonly number[]): boolean {
  let any = false
  for (const [at, condition] of execution.arrival.conditions.entries()) {
    if (versions[at] === condition.version) continue
    tell(engine, execution, condition, versions[at])
    any = true
  }
  return any
}

/** Whether it is for its permissions that the store refused a commit. The policies are told. */
export function isPermissionConflict(
  engine: Engine,
  execution: Execution,
  stream: Pick<ReadCondition, 'tenant'> & StreamName,
  actual: number,
): boolean {
  if (stream.aggregateType !== epochStream) return false
  tell(engine, execution, stream, actual)
  return true
}

function tell(
  { middleware }: Engine,
  { tenant }: Execution,
  stream: Pick<ReadCondition, 'tenant' | 'aggregateId'>,
  actual: number | undefined,
): void {
  const { tenant: own = tenant, aggregateId } = stream
  for (const { outdated } of middleware) outdated?.({ tenant: own, aggregateId }, actual)
}

/** The verdict. When it is not certain what was stored, neither is what is known of the epochs that the commit moves. */
export function watchEpochs(engine: Engine, { streams }: Commit, committing: Promise<Verdict>): Promise<Verdict> {
  if (streams.at(-1)?.aggregateType !== epochStream) return committing
  const unsure = (): void => {
    for (const { outdated } of engine.middleware) outdated?.()
  }
  return committing.then(
    (verdict) => {
      if (verdict.verdict !== 'stored') unsure()
      return verdict
    },
    (cause: unknown) => {
      unsure()
      throw cause
    },
  )
}

const none: readonly never[] = []
