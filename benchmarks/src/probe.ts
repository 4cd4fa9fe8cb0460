// The query that is measured over HTTP, and with a check of its caller: it does nothing, so what is seen is the way in and out.
import { createApp, domain, handle, query } from '@gesta/core'
import type { Backend, QueryOptions, StartOptions } from '@gesta/core'
import { z } from 'zod'

export const ProbeInput = z.object({ id: z.string().min(1).max(64) })
export const ProbeResult = z.object({ id: z.string(), open: z.boolean(), pence: z.int() })

const probe = query('Probe.Get', { input: ProbeInput, result: ProbeResult })

export function answerProbe(id: string): z.infer<typeof ProbeResult> {
  return { id, open: true, pence: 4200 }
}

const handleProbe = handle(probe, async ({ id }) => answerProbe(id))

export const probeApp = createApp('probe', {
  domains: [domain('Probe', { roles: ['web'], permissions: 'anonymous', handlers: [handleProbe] })],
})
export const probePath = '/api/queries/Probe.Get'

/** The same query, for whose groups hold its permission. */
export const checkedProbeDomain = domain('Probe', {
  roles: ['web'],
  permissions: 'authorized',
  handlers: [handleProbe],
})
const checkedProbe = createApp('probe', { domains: [checkedProbeDomain] })

/** The app on a store, whose query asks for the permission of its caller's groups, or for nothing. */
export async function startProbe(
  level: 'authorized' | 'anonymous',
  store: Backend,
  options: Omit<StartOptions, 'store'>,
) {
  const app = await (level === 'authorized' ? checkedProbe : probeApp).start({ ...options, store })
  return {
    ask: (index: number, asking: QueryOptions | undefined) => app.query(probe({ id: `p-${index % 1_000}` }), asking),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}
