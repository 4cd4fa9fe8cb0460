// Who may see which event: one rule, for live and for replayed events.
import type { ShownEvent } from './fanout-ring.ts'

/** A client, as far as it decides what is shown to it. */
export interface FanoutViewer {
  /** Sees events of this tenant alone; the empty text: events without a tenant. */
  readonly tenant: string
  /** Who it is within its tenant; `undefined` when nobody knows. */
  readonly identity: string | undefined
  readonly audience: ReadonlySet<string>
  /** The types that it asked for; `undefined`: all. */
  readonly types: ReadonlySet<string> | undefined
}

/** The tenant is the same, the type was asked for, and the viewer holds every label. */
export function sees({ tenant, types, audience }: FanoutViewer, event: ShownEvent): boolean {
  if (event.tenant !== tenant) return false
  if (types !== undefined && !types.has(event.type)) return false
  return event.audience === undefined || event.audience.every((label) => audience.has(label))
}
