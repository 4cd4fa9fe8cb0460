// Three questions of whoever runs the process: does it live, has it started, and may it get requests?
import type { FastifyInstance, FastifyReply } from 'fastify'
import { sendJson, sendProblem, writeProblem } from './answer.ts'
import { problemOf } from './problem.ts'
import type { Probes } from './probes/probes.ts'
import type { Answering } from './serving.ts'

export const healthPaths: readonly string[] = ['/healthz', '/started', '/ready']

/** What the routes need; names of checks and read models are told to everybody, reasons to operators alone. */
export interface Probed extends Answering {
  readonly host: { unready(): readonly { readonly readModel: string; readonly state: string }[] }
  readonly probes: Probes
}

/** `/healthz` asks nothing of the app, so that a slow store restarts no process; the others do. */
export function addHealthRoutes(server: FastifyInstance, probed: Probed): void {
  const { probes } = probed
  const route = (path: string, answer: (reply: FastifyReply) => Promise<void>): void => {
    server.get(path, (request, reply) => {
      answer(reply).catch((error: unknown) => sendProblem(probed, request, reply, error, true))
    })
  }
  server.get('/healthz', (_request, reply) => sendJson(probed, reply, '{"status":"ok"}'))
  route('/started', async (reply) => {
    if (await probes.started()) return sendJson(probed, reply, '{"status":"started"}')
    return writeProblem(probed, reply, problemOf('not_ready', 'The app has not started yet: it reads its log.'))
  })
  route('/ready', async (reply) => {
    const { state, ready, checks } = await probes.look()
    if (ready) return sendJson(probed, reply, '{"status":"ready"}')
    if (state !== 'live') return writeProblem(probed, reply, problemOf('not_ready', 'The app is stopping.'))
    const failed = checks.filter(({ ok, needed }) => needed && !ok).map(({ name }) => name)
    const behind = probed.host.unready().map((each) => ({ readModel: each.readModel, state: each.state }))
    const listed = behind.map(({ readModel, state: how }) => `${readModel} (${how})`).join(', ')
    return writeProblem(probed, reply, {
      ...problemOf(
        'not_ready',
        `These checks failed: ${failed.join(', ')}.${listed === '' ? '' : ` These read models do not follow the log: ${listed}.`}`,
      ),
      checks: failed,
      ...(behind.length > 0 && { readModels: behind }),
    })
  })
}
