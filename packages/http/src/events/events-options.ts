// The options of streams of presentation events, validated once.
import type { Denied, RequestContext } from '@gesta/core'
import { checkOptions } from '@gesta/core/host'
import type { FanoutHub } from '@gesta/core/host'

/**
 * The labels that a caller holds (`undefined`: none), or `deny(...)`. Asked when a stream opens, and again while it lasts. What it
 * throws opens no stream, and ends an open one.
 */
export type AudienceOf = (
  caller: RequestContext | undefined,
) => readonly string[] | Denied | undefined | Promise<readonly string[] | Denied | undefined>

/** Reference: docs/reference/fanout.md. */
export interface EventsOptions {
  /** The hub from `createFanout()`: the one that `start({ fanout })` was given. */
  readonly fanout: FanoutHub
  /** Default: nobody holds a label, so callers see what is for everyone of their tenant. */
  readonly audience?: AudienceOf | undefined
  /** Milliseconds after which the caller of an open stream is looked at again, from 10. Default 60,000. */
  readonly recheckMs?: number | undefined
  /** Milliseconds between two pings of a WebSocket, from 10; one that answers neither is cut. Default 30,000. */
  readonly pingMs?: number | undefined
  /** Origins whose pages may open a WebSocket, beside those of the server's own host: `https://shop.example`. Default: no others. */
  readonly origins?: readonly string[] | undefined
}

export interface EventsSettings {
  readonly fanout: FanoutHub
  readonly audience: AudienceOf | undefined
  readonly recheckMs: number
  readonly pingMs: number
  readonly origins: ReadonlySet<string>
}

const names = ['fanout', 'audience', 'recheckMs', 'pingMs', 'origins'] as const

/** Errors: plain ones, each a sentence that says what to change. */
export function eventsSettings(
  options: EventsOptions,
  whole: (name: string, value: number, min: number, max: number) => number,
): EventsSettings {
  checkOptions(options, names, 'serve({ events })')
  const { fanout, audience, origins = [] } = options
  if (typeof (fanout as Partial<FanoutHub> | undefined)?.connect !== 'function')
    throw new Error('serve: expected events.fanout to be a hub, as createFanout() makes it. Give it to start() too.')
  if (audience !== undefined && typeof audience !== 'function')
    throw new Error('serve: expected events.audience to be a function of the caller.')
  for (const origin of origins)
    if (!isOrigin(origin))
      throw new Error(
        `serve: expected events.origins to be origins such as https://shop.example, received ${JSON.stringify(origin)}.`,
      )
  return {
    fanout,
    audience,
    recheckMs: whole('events.recheckMs', options.recheckMs ?? 60_000, 10, 86_400_000),
    pingMs: whole('events.pingMs', options.pingMs ?? 30_000, 10, 86_400_000),
    origins: new Set(origins),
  }
}

export function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text
}
