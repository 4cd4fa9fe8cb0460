// Who asks, for whom, and in which chain of causes: travels on every message and is stored with every event.

/** All fields are optional; `undefined` means absent. */
export interface RequestContext {
  /** The sender's tenant. */
  readonly tenant?: string | undefined
  /** The sender: an identity of its tenant, the account behind it, and the session. */
  readonly identity?: string | undefined
  readonly account?: string | undefined
  readonly session?: string | undefined
  /** Who really acts, when somebody acts as this sender: an account or identity. Kept in the audit log. */
  readonly impersonator?: string | undefined
  /** The tenant and workspace whose data is concerned; the sender's tenant when absent. */
  readonly targetTenant?: string | undefined
  readonly targetWorkspace?: string | undefined
  /** One id for everything that follows from one request; the command's id when absent. */
  readonly correlationId?: string | undefined
  /** The id of the message that caused this one. */
  readonly causationId?: string | undefined
  /** W3C trace context. */
  readonly traceparent?: string | undefined
  /** Free labels, stored with the events. */
  readonly attributes?: { readonly [name: string]: string } | undefined
}

/** The tenant whose data a message concerns; the empty text when the app has no tenants. */
export function tenantOf(context: RequestContext): string {
  return context.targetTenant ?? context.tenant ?? ''
}

const fields = [
  'tenant',
  'identity',
  'account',
  'session',
  'impersonator',
  'targetTenant',
  'targetWorkspace',
  'correlationId',
  'causationId',
  'traceparent',
  'attributes',
] as const

/** The exact text that is stored: known fields only, in a fixed order. The empty context is `{}`. */
export function encodeContext(context: RequestContext): string {
  if (context === emptyContext) return '{}'
  const known: Record<string, unknown> = {}
  for (const field of fields) if (context[field] !== undefined) known[field] = context[field]
  return JSON.stringify(known)
}

export const emptyContext: RequestContext = Object.freeze({})
