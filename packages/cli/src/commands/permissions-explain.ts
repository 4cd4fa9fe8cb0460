// `gesta permissions explain`: why somebody may do something, or may not.
import type { Explanation } from '@gesta/core'
import { adminApi, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { explanationText } from '../permission-text.ts'
import { askedOf } from '../runtime-api.ts'

export const permissionsExplain: Command = defineCommand({
  name: 'permissions explain',
  operands: ['NAME'],
  about: 'Why somebody may do something or may not, step by step',
  details: `Without --identity, --account and --session the app tells it of whoever asks. Of others it tells operators alone. A custom check is
not asked, because there is no input: what it said to a command stands in the command's record ("gesta command show").`,
  options: {
    ...adminOptions,
    tenant: { value: 'TENANT', about: 'of this tenant (default: of an app without tenants)' },
    identity: { value: 'ID', about: 'this identity of the tenant' },
    account: { value: 'ID', about: 'the account behind it' },
    session: { value: 'ID', about: 'and its session' },
  },
  run: async ({ operands: [permission = ''], values }) => {
    const { tenant, identity, account, session } = values
    const isOther = [identity, account, session].some((given) => given !== undefined)
    const path = isOther ? askedOf(undefined, 'permission-explain') : askedOf(tenant, 'permission-explain')
    const who = isOther ? { tenant: tenant ?? '', identity, account, session } : {}
    const value = (await adminApi(values).post(path, { permission, ...who })) as Explanation
    return { text: explanationText(value), value }
  },
})
