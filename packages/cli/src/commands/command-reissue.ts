// `gesta command reissue`: lets an app decide a recorded command again.
import { adminApi, runtimePath, tenantOption, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { done, failed } from '../exit-codes.ts'
import { UsageError } from '../usage-error.ts'

interface ToldOutcome {
  readonly ok: boolean
  readonly commandId: string
  readonly rejection?: { readonly code: string; readonly reason: string }
}

export const commandReissue: Command = defineCommand({
  name: 'command reissue',
  operands: ['ID'],
  about: 'Issues a recorded command again, under a new id',
  details: `The app decides it anew: it passes permissions and checks as the account and identity that are named here, never as whoever
sent it first. "gesta trace" shows it below the old one. A rejection ends with exit code 1.`,
  options: {
    ...adminOptions,
    ...tenantOption,
    account: { value: 'ID', about: 'on behalf of this account (default: nobody)' },
    identity: { value: 'ID', about: 'and of this identity of the tenant' },
    session: { value: 'ID', about: 'and in this session' },
    payload: { value: 'JSON', about: 'instead of what was recorded, which may be redacted or cut' },
    key: { value: 'KEY', about: 'an idempotency key: repeating this finds the first outcome' },
  },
  run: async ({ operands: [id = ''], values }) => {
    const { tenant, account, identity, session, payload, key } = values
    const body = {
      action: 'reissue',
      context: { tenant, account, identity, session },
      ...(payload !== undefined && { payload: jsonOf(payload) }),
      idempotencyKey: key,
    }
    const value = (await adminApi(values).post(runtimePath(tenant, 'commands', id), body)) as ToldOutcome
    const { commandId, rejection } = value
    if (rejection === undefined) return { text: `Issued again as ${commandId}: accepted.`, value, exit: done }
    const text = `Issued again as ${commandId}: rejected (${rejection.code}): ${rejection.reason}`
    return { text, value, exit: failed }
  },
})

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new UsageError(`Expected --payload to be JSON, such as '{"orderId":"A-1"}', received something else.`)
  }
}
