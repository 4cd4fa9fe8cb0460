// Issues a recorded command again, as a new command: what was recorded says what it asks, and the caller who asks it.
import type { Outcome } from '../dispatch/handler.ts'
import type { DispatchOptions } from '../dispatch/options.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { CommandLog } from '../stores/command-log/command-log.ts'
import type { CommandRecord } from '../stores/command-log/command-record.ts'
import { contextOf } from '../stores/stored-context.ts'
import type { AppCommandLog, ReissueRequest } from './app-command-log.ts'
import { correlationOf } from './trace-ids.ts'

export interface ReissueParts {
  readonly commandLog: Pick<CommandLog, 'get'>
  /** Whether the app has a command of this type that takes an input. */
  readonly takesInput: (commandType: string) => boolean
  readonly dispatch: (
    message: { readonly type: string; readonly data: unknown },
    options: DispatchOptions,
  ) => Promise<Outcome<unknown, { [code: string]: unknown }>>
}

/** What `running.commandLog.reissue` does. */
export function createReissue({ commandLog, takesInput, dispatch }: ReissueParts): AppCommandLog['reissue'] {
  return async (request, options = {}) => {
    const { tenant = '', commandId } = request
    const record = await commandLog.get(tenant, commandId)
    if (record === undefined) throw unknownCommand(commandId)
    // What the app does not know is refused by the dispatch, as always.
    const data = takesInput(record.commandType) ? payloadOf(record, request) : undefined
    const context = contextFor(record, options.context)
    return dispatch({ type: record.commandType, data }, { ...options, commandId: undefined, context })
  }
}

/** The target is the old command's, and so is the request that it belongs to; all else is the caller's. */
function contextFor(record: CommandRecord, caller: RequestContext = {}): RequestContext {
  const { targetWorkspace = contextOf(record.context).targetWorkspace } = caller
  return {
    ...caller,
    ...(tenantOf(caller) === record.tenant ? undefined : { targetTenant: record.tenant }),
    ...(targetWorkspace === undefined ? undefined : { targetWorkspace }),
    correlationId: correlationOf(record),
    causationId: record.commandId,
  }
}

function payloadOf(record: CommandRecord, { payload: given }: ReissueRequest): unknown {
  if (given !== undefined) return given
  const { payload, redacted, truncated } = record
  if (redacted.includes('*')) throw gone(record)
  if (redacted.length > 0) throw incomplete(record, `of its payload ${redacted.join(', ')} was redacted`)
  if (truncated.includes('payload')) throw incomplete(record, 'its payload was not recorded whole')
  if (payload === undefined) throw incomplete(record, 'its payload was not recorded')
  return JSON.parse(payload) as unknown
}

function incomplete({ commandId, commandType, redacted, truncated }: CommandRecord, what: string): GestaError {
  return new GestaError(
    'record_incomplete',
    `Expected the record of the command ${commandId} (${commandType}) to hold its whole payload, but ${what}. Give the payload with the request.`,
    { facts: { commandId, commandType, redacted, truncated } },
  )
}

function gone({ commandId, commandType }: CommandRecord): GestaError {
  return new GestaError(
    'data_gone',
    `The payload of the command ${commandId} (${commandType}) was redacted, for good. Give the payload with the request.`,
    { facts: { commandId, commandType } },
  )
}

function unknownCommand(commandId: string): GestaError {
  return new GestaError(
    'command_unknown',
    `Expected the id of a recorded command, received ${JSON.stringify(commandId)}, which the log does not have for this tenant. It may be another tenant's, or purged.`,
    { facts: { commandId } },
  )
}
