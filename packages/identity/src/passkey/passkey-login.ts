// Signs in with a passkey. The authenticator has verified its user, so it counts as two factors: something one has, and is or knows.
import { randomUUID } from 'node:crypto'
import { handle } from '@gesta/core'
import type { CommandContext, Handler, Loaded } from '@gesta/core'
import { verifyAuthenticationResponse } from '@simplewebauthn/server'
import { isoBase64URL } from '@simplewebauthn/server/helpers'
import { Account } from '../account/account.ts'
import type { AccountState } from '../account/account.ts'
import { startSession } from '../auth/start-session.ts'
import type { Binding, Bound } from '../bound.ts'
import { relyingParty, userHandleOf } from './add-passkey.ts'
import { challengeMs, loginKey, newChallenge, takeChallenge } from './challenges.ts'
import { login, startLogin } from './passkey-contracts.ts'
import { advanceCounter, passkeyKey, passkeyOf } from './stored-passkey.ts'
import type { Assertion } from './web-authn.ts'

export function handleStartLogin(binding: Binding): Handler<typeof startLogin> {
  return handle(startLogin, async () => {
    const bound = binding.now()
    const id = randomUUID()
    const challenge = await newChallenge(bound, loginKey(id), undefined)
    const { id: rpId } = relyingParty(bound.settings)
    return { options: { challenge, rpId, timeout: challengeMs, userVerification: 'required' }, challenge: id }
  })
}

export function handleLogin(binding: Binding): Handler<typeof login> {
  return handle(login, async ({ response, challenge, device }, context) => {
    const bound = binding.now()
    const use = context.newId()
    const attempt = { address: context.metadata?.['address'], subject: `passkey:${response.id}`, device, use }
    await bound.throttle.check(attempt)
    const account = await accountOf(bound, context, { response, challenge, use })
    if (account !== undefined) return startSession(context, bound, { account, method: 'passkey', attempt })
    await bound.throttle.failed(attempt)
    return login.reject('invalid_credentials')
  })
}

/** Whose passkey has answered the challenge; absent: none that counts, for whatever reason. */
async function accountOf(
  bound: Bound,
  context: CommandContext,
  { response, challenge, use }: { readonly response: Assertion; readonly challenge: string; readonly use: string },
): Promise<Loaded<AccountState, unknown> | undefined> {
  const { credentials } = bound
  const asked = await takeChallenge(bound, loginKey(challenge), use)
  const row = await credentials.get(passkeyKey(response.id))
  if (asked === undefined || row === undefined) return undefined
  if (response.response.userHandle !== userHandleOf(row.subject)) return undefined
  const account = await context.load(Account, row.subject)
  const { id, state } = account
  if (!state.passkeys.some(({ passkey }) => passkey === response.id) || state.status !== 'active') return undefined
  const counter = await signedCounter(bound, response, passkeyOf(row).publicKey, asked.challenge)
  if (counter === undefined) return undefined
  if (await advanceCounter(credentials, response.id, counter, use)) return account
  context.audit({
    action: 'Passkey.CounterWentBack',
    resource: id,
    outcome: 'denied',
    reason: 'The passkey has signed in before with this count or a later one: there may be a copy of it.',
  })
  return undefined
}

/** How often the authenticator says that it has signed; absent: it has not signed this. */
async function signedCounter(
  { settings }: Bound,
  { id, rawId, type, response }: Assertion,
  publicKey: string,
  expectedChallenge: string,
): Promise<number | undefined> {
  const party = relyingParty(settings)
  const { clientDataJSON, authenticatorData, signature } = response
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id,
        rawId,
        type,
        response: { clientDataJSON, authenticatorData, signature },
        clientExtensionResults: {},
      },
      expectedChallenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      // The count is compared where it is changed: after the signature, and with what is stored then.
      credential: { id, publicKey: isoBase64URL.toBuffer(publicKey), counter: 0 },
    })
    return verified ? authenticationInfo.newCounter : undefined
  } catch {
    // Whatever is wrong with it: it was made by who answers, and told alike.
    return undefined
  }
}
