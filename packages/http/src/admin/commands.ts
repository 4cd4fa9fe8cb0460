// What operators ask of the command log and tell it. Reference: docs/reference/admin.md.
import { GestaError, isGestaError } from '@gesta/core/host'
import type { AppCommandLog, CommandStatus } from '@gesta/core'
import { Refusal } from '../problem.ts'
import { recordJson, traceJson } from './command-json.ts'
import { anything, bodyOf, namesIn, object, oneOf, optional, readFields, readParameters } from './fields.ts'
import { someOf, text, whole } from './fields.ts'
import { instant, microsecondsIn } from './instant.ts'
import type { Given } from './fields.ts'
import { deadline, deadlineMsDefault } from './patience.ts'
import type { AdminRoute, Asked, Told } from './route.ts'

/** Where the runtime of a tenant's app answers, and that of an app without tenants. */
const bases = ['/api/tenants/{tenantUuid}/runtime', '/api/runtime'] as const

/** Bytes of the body of a re-issue: a whole payload, and what is said beside it. */
const reissueBytesMax = 1_048_576 + 16 * 1024

const statuses = [
  'accepted',
  'rejected',
  'denied',
  'failed',
  'timed_out',
  'duplicate',
  'abandoned',
  'started',
] as const satisfies readonly CommandStatus[]
const limit = optional(whole(1, 10_000))
const filter = {
  status: optional(someOf(statuses)),
  type: optional(text),
  correlation: optional(text),
  sender: optional(text),
  from: optional(instant),
  to: optional(instant),
  order: optional(oneOf(['newest', 'oldest'] as const)),
  limit,
  cursor: optional(text),
}
const action = { action: oneOf(['reissue', 'redact']) }
const reissue = {
  ...action,
  payload: anything,
  context: optional(object),
  idempotencyKey: optional(text),
  deadlineMs: deadline,
}
const sender = { tenant: optional(text), identity: optional(text), account: optional(text), session: optional(text) }
const purge = { action: oneOf(['purge']), before: instant, statuses: optional(someOf(statuses)), limit }

export function commandRoutes(app: { readonly commandLog: AppCommandLog }): readonly AdminRoute[] {
  return bases.flatMap((base): readonly AdminRoute[] => [
    {
      method: 'GET',
      path: `${base}/trace/{name}`,
      permission: 'Runtime.Trace',
      answer: (asked) => trace(app.commandLog, asked),
    },
    {
      method: 'GET',
      path: `${base}/commands`,
      permission: 'StoreCommand.Read',
      shows: ({ tenant }) => ({ action: 'StoreCommand.Read', resource: `command/${tenant}/*` }),
      answer: (asked) => list(app.commandLog, asked),
    },
    {
      method: 'POST',
      path: `${base}/commands`,
      permission: 'StoreCommand.Delete',
      answer: (asked) => forget(app.commandLog, asked),
    },
    {
      method: 'GET',
      path: `${base}/commands/{name}`,
      permission: 'StoreCommand.Read',
      shows: ({ tenant, name }) => ({ action: 'StoreCommand.Read', resource: `command/${tenant}/${name}` }),
      answer: (asked) => show(app.commandLog, asked),
    },
    {
      method: 'POST',
      path: `${base}/commands/{name}`,
      bodyBytesMax: reissueBytesMax,
      permission: ({ body }) => permissionOf(bodyOf(body)),
      answer: (asked) => act(app.commandLog, asked),
    },
  ])
}

async function trace(commandLog: AppCommandLog, { tenant, name, queryString }: Asked): Promise<Told> {
  const found = await commandLog.trace(name, { tenant, ...readParameters(queryString, { limit }) })
  if (found !== undefined) return { body: traceJson(found) }
  throw unknownId(
    'Expected an id that a command of this tenant has to do with: a correlation, command, event, message or job.',
  )
}

async function list(commandLog: AppCommandLog, { tenant, queryString }: Asked): Promise<Told> {
  const given = readParameters(queryString, filter)
  const { items, cursor } = await commandLog.list(
    {
      tenant,
      statuses: given.status && namesIn(given.status),
      commandType: given.type,
      correlationId: given.correlation,
      sender: given.sender,
      from: microsecondsIn(given.from),
      to: microsecondsIn(given.to),
      order: given.order,
    },
    { limit: given.limit, cursor: given.cursor },
  )
  return { body: { items: items.map(recordJson), cursor } }
}

async function show(commandLog: AppCommandLog, { tenant, name, queryString }: Asked): Promise<Told> {
  readParameters(queryString, {})
  const record = await commandLog.get(tenant, name)
  if (record === undefined) throw unknownCommand()
  return { body: recordJson(record) }
}

async function act(commandLog: AppCommandLog, asked: Asked): Promise<Told> {
  const { tenant, name } = asked
  const given = bodyOf(asked.body)
  const permission = permissionOf(given)
  const change = { action: permission, resource: `Command/${name}`, tenant }
  if (permission === reissuing) {
    const again = readFields(given, reissue)
    const reason = `reissue on behalf of ${JSON.stringify(again.context ?? {})}`
    return { body: await asked.change({ ...change, reason }, () => issueAgain(commandLog, asked, again)) }
  }
  readFields(given, action)
  await asked.change({ ...change, reason: 'redact' }, async () => {
    if (!(await commandLog.redact(tenant, name))) throw unknownCommand()
  })
  return { body: { redacted: true } }
}

/** To issue a command again is no change of the log, so it takes a permission of its own. Errors: `invalid_input`. */
function permissionOf(given: Given): string {
  return readFields({ action: given['action'] }, action).action === 'reissue' ? reissuing : 'StoreCommand.Update'
}
const reissuing = 'Runtime.ReissueCommand'

/** The outcome: a rejection is an answer too. */
async function issueAgain(
  commandLog: AppCommandLog,
  { tenant, name }: Asked,
  given: {
    readonly payload: unknown
    readonly context: { readonly [name: string]: unknown } | undefined
    readonly idempotencyKey: string | undefined
    readonly deadlineMs: number | undefined
  },
): Promise<unknown> {
  const { payload, context = {}, idempotencyKey, deadlineMs = deadlineMsDefault } = given
  const options = { context: readFields(context, sender), idempotencyKey, deadlineMs }
  try {
    return await commandLog.reissue({ tenant, commandId: name, payload }, options)
  } catch (error) {
    if (!isGestaError(error, 'deadline_exceeded')) throw error
    throw new Refusal('deadline_exceeded', 'Nothing was stored. Allow more time with deadlineMs.')
  }
}

async function forget(commandLog: AppCommandLog, { tenant, body, change }: Asked): Promise<Told> {
  const given = readFields(bodyOf(body), purge)
  const only = given.statuses && namesIn(given.statuses)
  const reason = `purge before ${given.before}${only === undefined ? '' : `: ${only.join(', ')}`}`
  const purged = await change({ action: 'StoreCommand.Delete', resource: 'CommandLog', reason, tenant }, () =>
    commandLog.purge({ tenant, before: microsecondsIn(given.before) as number, statuses: only, limit: given.limit }),
  )
  return { body: { purged } }
}

function unknownCommand(): GestaError {
  return unknownId('Expected the id of a command of this tenant that the log has: it may have been purged.')
}

function unknownId(message: string): GestaError {
  return new GestaError('command_unknown', message)
}
