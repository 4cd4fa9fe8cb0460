// Who asks, by the token of a session: from the authorization header, else from the cookie of a browser.
import type { RequestContext } from '@gesta/core'
import type { WhoAsks } from '../authenticate.ts'
import { Refusal } from '../problem.ts'
import { credentialsOf } from './cookies.ts'
import type { Sessions } from './sessions.ts'
import { checkSite } from './site.ts'

/** For programs. Errors: `unauthenticated` for a token that stands for nobody. */
export function byBearer(sessions: Sessions): WhoAsks {
  return ({ headers: { authorization } }) => {
    if (authorization === undefined) return undefined
    const token = bearer.exec(authorization)?.[1]
    if (token === undefined) throw new Refusal('unauthenticated', 'Expected the header authorization: Bearer <token>.')
    const caller = sessions.callerOf(token)
    return caller instanceof Promise ? caller.then(known) : known(caller)
  }
}

/**
 * For programs and browsers. A bearer counts alone: cookies beside it are not looked at. A cookie that stands for nobody is as none,
 * because browsers send it by themselves. Errors: those of `byBearer`; `origin_not_allowed`; `invalid_header`.
 */
export function bySession(sessions: Sessions, origin: string | undefined): WhoAsks {
  const ofBearer = byBearer(sessions)
  return (request) => {
    const { headers, raw } = request
    if (headers.authorization !== undefined) return ofBearer(request)
    if (headers.cookie === undefined) return undefined
    const { access, refresh } = credentialsOf(raw)
    if (access === undefined && refresh === undefined) return undefined
    // Who may open a WebSocket is asked where it opens: pages of other hosts may be listed there.
    if (request.ws !== true) checkSite(request, origin)
    return access === undefined ? undefined : sessions.callerOf(access)
  }
}

const bearer = /^Bearer +([\w.~+/-]+=*)$/i

/** Why a token stands for nobody is not told (RFC 6750). */
function known(caller: RequestContext | undefined): RequestContext {
  if (caller !== undefined) return caller
  throw new Refusal('unauthenticated', 'The token is not valid. Sign in, or refresh it.', {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  })
}
