// Two questions of whoever runs the process: does it live, and may it get requests?
import type { FastifyInstance } from 'fastify'
import { sendJson, writeProblem } from './answer.ts'
import { problemOf } from './problem.ts'
import type { Serving } from './serving.ts'

/** `/healthz` asks nothing of the app, so that a slow store restarts no process; `/ready` does. */
export function addHealthRoutes(server: FastifyInstance, serving: Serving): void {
  server.get('/healthz', (_request, reply) => sendJson(serving, reply, '{"status":"ok"}'))
  server.get('/ready', (_request, reply) => {
    const { host } = serving
    if (serving.stopping || host.state !== 'live')
      return writeProblem(serving, reply, problemOf('not_ready', 'The app is stopping.'))
    const behind = host.unready().map(({ readModel, state }) => ({ readModel, state }))
    if (behind.length === 0) return sendJson(serving, reply, '{"status":"ready"}')
    const listed = behind.map(({ readModel, state }) => `${readModel} (${state})`).join(', ')
    return writeProblem(serving, reply, {
      ...problemOf('not_ready', `These read models do not follow the log: ${listed}.`),
      readModels: behind,
    })
  })
}
