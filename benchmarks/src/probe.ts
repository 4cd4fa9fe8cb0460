// The query that is measured over HTTP: it does nothing, so what is seen is the way in and out.
import { createApp, domain, handle, query } from '@gesta/core'
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
