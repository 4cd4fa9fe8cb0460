// The limit over HTTP: Fastify with one route, the same validation of input and result, and the same body. No app behind it.
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import type { FastifyRequest } from 'fastify'
import { answerProbe, ProbeInput, probePath, ProbeResult } from '../probe.ts'

export interface Listening extends AsyncDisposable {
  readonly url: string
}

export async function bareFastify(): Promise<Listening> {
  const server = fastify({ logger: false })
  const answer = async ({ query }: FastifyRequest): Promise<unknown> =>
    ProbeResult.parse(answerProbe(ProbeInput.parse(query).id))
  server.get(probePath, answer)
  await server.listen({ port: 0, host: '127.0.0.1' })
  const { port } = server.server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => server.close() }
}
