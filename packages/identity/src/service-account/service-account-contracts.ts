// What the domain ServiceAccount can be told and asked, each for one tenant.
import { command, query } from '@gesta/core'
import type { CommandContract } from '@gesta/core'
import { z } from 'zod'
import { giveRejections } from '../group/may-give.ts'
import type { GiveRejections } from '../group/may-give.ts'
import { groupIds, id, name, paged, pageOf } from '../input.ts'
import type { Asked, Paged, PageOf, Told } from '../input.ts'

export interface ServiceAccountShown {
  readonly identityUuid: string
  /** `null`: it was erased. */
  readonly name: string | null
  readonly groups: readonly string[]
  /** RFC 3339, UTC. */
  readonly createdAt: string
}
export interface KeyShown {
  readonly keyUuid: string
  readonly name: string
  /** RFC 3339, UTC, as all times here. */
  readonly createdAt: string
  /** Absent: it does not expire. */
  readonly expiresAt?: string | undefined
  /** To about ten minutes. Absent: it is not known that it was used. */
  readonly lastUsedAt?: string | undefined
}
const one = z.object({ identityUuid: id })
const unknown = { unknown_service_account: 'There is no such service account in this tenant.' }

export const create: CommandContract<
  'ServiceAccount.Create',
  { readonly name: string; readonly groups: readonly string[] },
  { readonly identityUuid: string },
  GiveRejections & { readonly unknown_tenant: undefined; readonly administrators_are_people: undefined }
> = command('ServiceAccount.Create', {
  description: 'Make a service account, in groups of which one holds everything oneself',
  input: z.object({ name, groups: groupIds }),
  result: z.object({ identityUuid: z.string() }),
  rejections: {
    ...giveRejections,
    unknown_tenant: 'There is no such tenant.',
    administrators_are_people: 'A program cannot be a system administrator. Give it a group that names what it needs.',
  },
  redact: { name: 'personal' },
  audited: true,
})
export const remove: Told<'ServiceAccount.Remove', { readonly identityUuid: string }, void, 'unknown_service_account'> =
  command('ServiceAccount.Remove', {
    description: 'Remove a service account; its keys are refused at once',
    input: one,
    rejections: unknown,
    audited: true,
  })
export const createKey: CommandContract<
  'ServiceAccount.CreateKey',
  { readonly identityUuid: string; readonly name: string; readonly expiresAt?: string | undefined },
  { readonly keyUuid: string; readonly key: string },
  GiveRejections & {
    readonly unknown_service_account: undefined
    readonly too_many_keys: undefined
    readonly already_expired: undefined
  }
> = command('ServiceAccount.CreateKey', {
  description: 'Make a key for a service account that holds nothing one does not hold oneself',
  input: z.object({ identityUuid: id, name, expiresAt: z.iso.datetime().max(40).optional() }),
  result: z.object({ keyUuid: z.string(), key: z.string() }),
  rejections: {
    ...giveRejections,
    ...unknown,
    too_many_keys: 'The service account has 20 keys. Revoke one first, expired ones too.',
    already_expired: 'The key would have expired before it was made. Choose a later time.',
  },
  secretResult: true,
  audited: true,
})
export const revokeKey: Told<'ServiceAccount.RevokeKey', { readonly keyUuid: string }, void, 'unknown_key'> = command(
  'ServiceAccount.RevokeKey',
  {
    description: 'Revoke a key of a service account; it is refused at once',
    input: z.object({ keyUuid: id }),
    rejections: { unknown_key: 'There is no such key in this tenant.' },
    audited: true,
  },
)
export const list: Asked<'ServiceAccount.List', PageOf, Paged<ServiceAccountShown>> = query('ServiceAccount.List', {
  description: 'List the service accounts',
  input: pageOf,
  result: paged(
    z.object({
      identityUuid: z.string(),
      name: z.string().nullable(),
      groups: z.array(z.string()).readonly(),
      createdAt: z.string(),
    }),
  ),
})
export const keys: Asked<
  'ServiceAccount.Keys',
  { readonly identityUuid: string },
  { readonly keys: readonly KeyShown[] }
> = query('ServiceAccount.Keys', {
  description: 'List the keys of a service account, without their secrets',
  input: one,
  result: z.object({
    keys: z
      .array(
        z.object({
          keyUuid: z.string(),
          name: z.string(),
          createdAt: z.string(),
          expiresAt: z.string().optional(),
          lastUsedAt: z.string().optional(),
        }),
      )
      .readonly(),
  }),
})
