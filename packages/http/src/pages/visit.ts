// One request of a page: who visits, what the form said, and what the page may ask of the app.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RequestContext, Token } from '@gesta/core'
import { traced } from '../caller.ts'
import { metadataOf } from '../headers.ts'
import type { Serving } from '../serving.ts'
import { isPathHere } from './after.ts'
import { rejectionFailure, thrownFailure } from './failure.ts'
import type { Failure } from './failure.ts'
import { emptyForm, readForm } from './form.ts'
import type { Form } from './form.ts'
import type { Page } from './page.ts'
import type { PagesSettings } from './pages-options.ts'
import type { PendingSignIns } from './pending-sign-in.ts'
import type { NeededContracts } from './needed-contracts.ts'
import type { KeptCookie, SessionTokens, Visitors } from './visitors.ts'

/** What a page answers: itself, or where to go on. */
export type Answer = Page | { readonly to: string }

/** What the app said: a result, or why not. */
type Said<Result> = { readonly ok: true; readonly result: Result } | { readonly ok: false; readonly failure: Failure }

export interface Visit {
  readonly settings: PagesSettings
  readonly passwordLengthMin: number | undefined
  readonly form: Form
  readonly caller: RequestContext | undefined
  /** Where to go on afterwards, when the form or the address says so. */
  readonly after: string | undefined
  /** What names this device at sign-in. */
  readonly device: string | undefined
  /** Runs a command, as who visits unless another caller is named. What nobody can act on is thrown. */
  run<Result>(type: string, data: unknown, caller?: RequestContext): Promise<Said<Result>>
  /** Asks a query, which sees what this visit's commands stored. */
  ask<Result>(type: string, data?: unknown, caller?: RequestContext): Promise<Said<Result>>
  /** Gives the browser a session, and ends another one that it had; returns who it is now. */
  signIn(tokens: SessionTokens): Promise<RequestContext>
  /** Takes it away. */
  signOut(): void
  /** What waits for its second step. */
  readonly pending: PendingSignIns
  /** What the browser keeps for these pages from one step to the next. */
  kept(cookie: KeptCookie): string | undefined
  /** `undefined` takes it away. */
  keep(cookie: KeptCookie, value: string | undefined): void
}

export interface Pages {
  readonly serving: Serving
  readonly settings: PagesSettings
  readonly visitors: Visitors
  readonly contracts: NeededContracts
  readonly pending: PendingSignIns
}

export async function visitOf(pages: Pages, request: FastifyRequest, reply: FastifyReply): Promise<Visit> {
  const { serving, settings, visitors, contracts, pending } = pages
  const { host } = serving
  const form = request.body instanceof Uint8Array ? readForm(request.body) : emptyForm
  const caller = await visitors.callerOf(request, reply)
  let seen: Token | undefined
  let former = caller
  let hasGotIn = false
  const options = (type: string, context: RequestContext | undefined) => ({
    context: traced(context, request.raw),
    role: contracts.roleOf(type),
    deadlineMs: serving.settings.deadlineMs,
    metadata: metadataOf(request.ip, request.raw),
  })
  const run: Visit['run'] = async <Result>(type: string, data: unknown, as = caller): Promise<Said<Result>> => {
    try {
      const outcome = await host.dispatch({ type, data }, options(type, as))
      seen = outcome.token
      if (outcome.ok) return { ok: true, result: outcome.result as Result }
      const { code, reason, details } = outcome.rejection
      return { ok: false, failure: rejectionFailure(code, reason, details) }
    } catch (error) {
      return refused(error)
    }
  }
  return {
    settings,
    passwordLengthMin: serving.settings.sessions?.passwordLengthMin,
    pending,
    form,
    caller,
    after: afterOf(form, request),
    device: visitors.deviceOf(request),
    run,
    ask: async <Result>(type: string, data?: unknown, as = caller): Promise<Said<Result>> => {
      try {
        const { result } = await host.query({ type, data }, { ...options(type, as), after: seen })
        return { ok: true, result: result as Result }
      } catch (error) {
        return refused(error)
      }
    },
    signIn: async (tokens) => {
      if (!hasGotIn) serving.limit?.gotIn(request.ip)
      hasGotIn = true
      const signedIn = visitors.signIn(reply, tokens)
      const before = former
      former = signedIn
      // The browser forgets the tokens of the session that it had until now, so nobody could end that one later.
      if (before?.session !== undefined && before.session !== tokens.session)
        await run('Auth.Logout', undefined, before)
      return signedIn
    },
    signOut: () => visitors.signOut(reply),
    kept: (cookie) => visitors.kept(request, cookie),
    keep: (cookie, value) => visitors.keep(reply, cookie, value),
  }
}

function refused(error: unknown): { readonly ok: false; readonly failure: Failure } {
  const failure = thrownFailure(error)
  if (failure === undefined) throw error
  return { ok: false, failure }
}

/** What does not lead to a path of this origin is as if it were not there. */
function afterOf(form: Form, request: FastifyRequest): string | undefined {
  const said = form.text('after') || (new URLSearchParams(request.query as string).get('after') ?? '')
  return isPathHere(said) ? said : undefined
}
