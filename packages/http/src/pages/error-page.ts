// What people see when a page cannot do its work: what happened, and what they can do.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { pathOf } from '../answer.ts'
import { html } from '../docs/html.ts'
import { tell } from '../logger.ts'
import { isOfServer, Refusal, toProblem } from '../problem.ts'
import { refusalOf } from '../refusals.ts'
import { placeOf, requestIdOf } from '../watching.ts'
import { thrownFailure } from './failure.ts'
import type { Page } from './page.ts'
import { paths } from './paths.ts'
import { sendAnswer } from './send.ts'
import type { Pages } from './visit.ts'

/** Sends it. Failures of the server are logged; with status 500 the page says the id of that entry. When even this fails, the connection ends. */
export function sendError(pages: Pages, request: FastifyRequest, reply: FastifyReply, thrown: unknown): void {
  try {
    const error = refusalOf(thrown)
    if (error instanceof Refusal) for (const [name, value] of Object.entries(error.headers)) reply.header(name, value)
    sendAnswer(
      pages,
      reply,
      errorPage(error, () => logged(pages, request, error)),
    )
  } catch {
    request.raw.socket.destroy()
  }
}

function errorPage(error: unknown, log: () => string): Page {
  const { code, status } = toProblem(error, false)
  const requestId = isOfServer(error) && code !== 'overloaded' ? log() : undefined
  const [title, text] = words[code] ?? (status >= 500 ? later : misread)
  return {
    title,
    failed: true,
    status,
    content: html`<p role="alert" tabindex="-1" autofocus>${thrownFailure(error)?.text ?? text}</p>
      ${
        status === 500 && requestId !== undefined
          ? html`<p class="hint">If it stays so, tell whoever runs this: <code>${requestId}</code></p>`
          : undefined
      }
      <p><a href="${paths.signIn}">Sign in</a></p>`,
  }
}

function logged({ serving }: Pages, request: FastifyRequest, error: unknown): string {
  const requestId = requestIdOf(request.raw)
  const { code, status } = toProblem(error, false)
  const facts = {
    requestId,
    method: request.method,
    path: pathOf(request.raw.url),
    code,
    ...placeOf(request.raw),
    error,
  }
  tell(serving.settings.logger, status === 500 ? 'error' : 'warn', facts, 'A page could not be shown.')
  return requestId
}

const later = ['This did not work', 'It is no fault of yours. Go back and try again in a moment.'] as const
const misread = [
  'This cannot be read',
  'What your browser sent is not what this page expects. Go back and try again.',
] as const

const words: { readonly [code: string]: readonly [title: string, text: string] } = {
  rate_limited: ['That was too often', 'Too many requests came from your network. Wait a minute, and try again.'],
  permission_denied: ['You may not do this', 'Sign in as somebody who may, or ask an administrator.'],
  overloaded: ['Too much is going on', 'Nothing was done. Try again in a moment.'],
  origin_not_allowed: [
    'This came from elsewhere',
    'Nothing was done, because the form was sent from another site. Open the page here, and fill it in again.',
  ],
  https_required: ['This page needs HTTPS', 'Open it at an address that begins with https://.'],
  body_too_large: ['This is too much', 'Nothing was done. Type less, and try again.'],
}
