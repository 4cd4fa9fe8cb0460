// Whether the session, or the API key, behind a caller still goes on: for what asks no contract, such as streams of presentation events.
// A token says so for as long as it is valid; whether it was ended meanwhile, the order of authorization knows.
import type { RequestContext, Running } from '@gesta/core'

export async function isLive(
  { permissions }: Pick<Running<string, string>, 'permissions'>,
  caller: RequestContext,
): Promise<boolean> {
  if (caller.identity === undefined) return permissions.holds(caller, 'Account.Me')
  // Only its first step matters, which looks at session and account; whether groups hold this permission does not.
  const { path } = await permissions.explain(caller, 'Identity.List')
  return path[0]?.result !== 'denied'
}
