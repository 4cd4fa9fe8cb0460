// How callers say who they are, for programs that read the document.
import type { ServedContract } from '../served-route.ts'
import { accessCookie } from '../sessions/cookies.ts'
import type { Part } from './schemas.ts'

/** Everything under components.securitySchemes, where there are sessions. */
export const securitySchemes: Part = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of a session: Authorization: Bearer <token>.',
  },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: accessCookie,
    description:
      'The access token of a session in a browser. Counts for pages of this server alone; beside a bearer it is not looked at.',
  },
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    description: 'The key of a service account, sent like an access token. It is for contracts that take a permission.',
  },
}

/** What a caller needs: one of the list. `{}` is nobody in particular. */
export function securityOf({ exposed: { permission } }: ServedContract): Part {
  const ofSession: readonly Part[] = [{ bearer: [] }, { cookie: [] }]
  if (permission === 'anonymous') return { security: [] }
  if (permission === 'authenticated') return { security: ofSession }
  const withKey = [...ofSession, { apiKey: [] }]
  return { security: permission === 'custom' ? [{}, ...withKey] : withKey }
}
