// On whose behalf jobs run, as it is stored with them. The app itself is a caller that no text can stand for, so for its own jobs the
// commit says it in so many words: the engine alone writes contexts, and no field of one that came from outside is called so.
import { encodeContext } from '../../request-context/request-context.ts'
import type { RequestContext } from '../../request-context/request-context.ts'
import { isSystemContext, systemContext } from '../../request-context/system-context.ts'
import { contextOf } from '../stored-context.ts'

const mark = ',"isApp":true}'

/** The context of a commit that carries jobs. */
export function encodeSender(context: RequestContext): string {
  const text = encodeContext(context)
  return isSystemContext(context) ? `${text.slice(0, -1)}${mark}` : text
}

/** The context that jobs of such a commit run under. */
export function senderOf(text: string): RequestContext {
  const { isApp, ...context } = contextOf(text) as RequestContext & { readonly isApp?: unknown }
  return isApp === true ? { ...systemContext(), ...context } : context
}
