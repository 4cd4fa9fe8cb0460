// @gesta/http/client: the typed client. It has the types of the app and none of its code, nor any of core's.
export { createClient } from './create-client.ts'
export { ClientError } from './client-error.ts'
export type { Client, ClientOptions, CommandCallOptions, QueryCallOptions } from './types.ts'
export type { EventSubscription, SubscribeOptions } from './subscriptions.ts'
export type { ClientProblem } from './client-error.ts'
