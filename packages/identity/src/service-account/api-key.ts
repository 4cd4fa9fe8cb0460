// A key of a service account: how a program signs in, without a session. Its hash lies among the credentials.
import { aggregate, event, projection } from '@gesta/core'
import type { Aggregate, DomainEventContract, Event, Projection } from '@gesta/core'
import { z } from 'zod'
import type { Nothing } from '../account/account-events.ts'

export interface KeyCreated {
  /** The service account, an identity of the tenant. */
  readonly identity: string
  readonly name: string
  /** RFC 3339, UTC; absent: it does not expire. */
  readonly expiresAt?: string | undefined
}
export const KeyCreated: DomainEventContract<'ServiceAccount.KeyCreated', KeyCreated> = event(
  'ServiceAccount.KeyCreated',
  z.object({ identity: z.string(), name: z.string(), expiresAt: z.string().optional() }),
)
export const KeyRevoked: DomainEventContract<'ServiceAccount.KeyRevoked', Nothing> = event(
  'ServiceAccount.KeyRevoked',
  z.object({}),
)

export interface ApiKeyState {
  readonly status: 'none' | 'live' | 'revoked'
  readonly identity: string
  readonly name: string
  readonly createdAt: string
  readonly expiresAt: string | undefined
}
type ApiKeyEvent =
  | Event<'domain', 'ServiceAccount.KeyCreated', KeyCreated>
  | Event<'domain', 'ServiceAccount.KeyRevoked', Nothing>

/** Its id is the key's; it lies in the tenant of its service account. */
export const ApiKey: Aggregate<'ApiKey', ApiKeyState, ApiKeyEvent> = aggregate('ApiKey', (): ApiKeyState => ({
  status: 'none',
  identity: '',
  name: '',
  createdAt: '',
  expiresAt: undefined,
}))
  .on(KeyCreated, (_, { identity, name, expiresAt }, { recordedAt }) => ({
    status: 'live',
    identity,
    name,
    createdAt: recordedAt,
    expiresAt,
  }))
  .on(KeyRevoked, (key) => ({ ...key, status: 'revoked' }))

export const apiKeys: Projection<'ApiKey', ApiKeyState> = projection(ApiKey)
