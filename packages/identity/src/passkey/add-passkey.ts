// Adds a passkey: the browser is asked for one that knows its user, and what it answers is verified against the question.
import { handle, isErased } from '@gesta/core'
import type { Handler } from '@gesta/core'
import { verifyRegistrationResponse } from '@simplewebauthn/server'
import { decodeAttestationObject, isoBase64URL } from '@simplewebauthn/server/helpers'
import { PasskeyAdded } from '../account/account-events.ts'
import type { Binding, Bound } from '../bound.ts'
import type { Settings } from '../options.ts'
import { ownAccount, refusalOf } from '../second-factor/own-account.ts'
import { challengeMs, newChallenge, registrationKey, takeChallenge } from './challenges.ts'
import { add, start } from './passkey-contracts.ts'
import { writePasskey } from './stored-passkey.ts'
import type { StoredPasskey } from './stored-passkey.ts'
import type { Registration } from './web-authn.ts'

const passkeysMax = 20
/** EdDSA, ES256, RS256. */
const algorithms = [-8, -7, -257]

export function relyingParty({ url }: Settings): { readonly id: string; readonly origin: string } {
  return { id: new URL(url).hostname, origin: url }
}

/** What the authenticator keeps of the account, and tells at sign-in. */
export function userHandleOf(account: string): string {
  return Buffer.from(account).toString('base64url')
}

export function handleStart(binding: Binding): Handler<typeof start> {
  return handle(start, async ({ password }, context) => {
    const bound = binding.now()
    const own = await ownAccount(context)
    const { id, state } = own.account
    if (state.passkeys.length >= passkeysMax) return start.reject('too_many_passkeys')
    const refusal = await refusalOf(bound, context, own, password)
    if (refusal !== undefined) return start.reject(refusal)
    const challenge = await newChallenge(bound, registrationKey(own.session), id)
    const user = isErased(state.email) ? id : state.email
    const options = {
      challenge,
      rp: { id: relyingParty(bound.settings).id, name: bound.settings.name },
      user: { id: userHandleOf(id), name: user, displayName: user },
      pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key' as const, alg })),
      timeout: challengeMs,
      attestation: 'none' as const,
      excludeCredentials: state.passkeys.map(({ passkey }) => ({ type: 'public-key' as const, id: passkey })),
      authenticatorSelection: {
        residentKey: 'required' as const,
        requireResidentKey: true,
        userVerification: 'required' as const,
      },
    }
    return { options }
  })
}

export function handleAdd(binding: Binding): Handler<typeof add> {
  return handle(add, async ({ response, name }, context) => {
    const bound = binding.now()
    const use = context.newId()
    const { account, session } = await ownAccount(context)
    const { passkeys } = account.state
    if (passkeys.length >= passkeysMax) return add.reject('too_many_passkeys')
    const asked = await takeChallenge(bound, registrationKey(session), use)
    if (asked === undefined || asked.account !== account.id) return add.reject('invalid_credentials')
    const made = await passkeyIn(bound, response, asked.challenge)
    if (made === undefined || passkeys.some(({ passkey }) => passkey === response.id))
      return add.reject('invalid_credentials')
    const isOurs = await writePasskey(bound.credentials, response.id, account.id, made, bound.settings.now())
    if (!isOurs) return add.reject('invalid_credentials')
    account.emit(PasskeyAdded({ passkey: response.id, name }))
    return { passkey: response.id }
  })
}

/** What a response registers; absent: it does not answer the challenge, or is none that we asked for. */
async function passkeyIn(
  { settings }: Bound,
  { id, rawId, type, response }: Registration,
  expectedChallenge: string,
): Promise<Omit<StoredPasskey, 'use'> | undefined> {
  const party = relyingParty(settings)
  const { clientDataJSON, attestationObject, transports = [] } = response
  try {
    if (isAttested(attestationObject)) return undefined
    const { registrationInfo } = await verifyRegistrationResponse({
      response: { id, rawId, type, response: { clientDataJSON, attestationObject }, clientExtensionResults: {} },
      expectedChallenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    })
    if (registrationInfo === undefined || registrationInfo.credential.id !== id) return undefined
    const { publicKey, counter } = registrationInfo.credential
    return { publicKey: isoBase64URL.fromBuffer(publicKey), counter, transports }
  } catch {
    // Whatever is wrong with it: it was made by who answers, and told alike.
    return undefined
  }
}

/** Whether it brings certificates. They were not asked for, and to verify them might mean to fetch what they name. */
function isAttested(attestationObject: string): boolean {
  const decoded = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject))
  const format = decoded.get('fmt')
  return format !== 'none' && !(format === 'packed' && decoded.get('attStmt').get('x5c') === undefined)
}
