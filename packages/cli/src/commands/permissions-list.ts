// `gesta permissions list`: what can be asked of a caller, by name.
import type { PermissionEntry } from '@gesta/core'
import { adminApi, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { permissionTable } from '../permission-text.ts'
import { allRows, askedOf, viewpointOption } from '../runtime-api.ts'

export const permissionsList: Command = defineCommand({
  name: 'permissions list',
  operands: [],
  about: 'The permissions of an app, and what each asks for',
  details: `For other tenants than SYSTEM the app shows those that the caller holds.`,
  options: { ...adminOptions, ...viewpointOption, domain: { value: 'DOMAIN', about: 'only those of this domain' } },
  run: async ({ values }) => {
    const { tenant, domain } = values
    const value = await allRows<PermissionEntry>(adminApi(values), askedOf(tenant, 'permission-list'), { domain })
    return { text: permissionTable(value), value }
  },
})
