// An authenticator in software: makes passkeys and signs with them as a device does, and as a bad one might.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { encode } from 'cborg'
import type { Assertion, CreationOptions, Registration, RequestOptions } from '../../src/passkey/web-authn.ts'

const flags = { userPresent: 0x01, userVerified: 0x04, attested: 0x40 }

/** What a device may do otherwise than it was asked to. */
export interface Otherwise {
  readonly origin?: string
  readonly rpId?: string
  readonly type?: string
  readonly challenge?: string
  readonly isVerified?: boolean
  readonly isPresent?: boolean
  readonly userHandle?: string
  readonly counter?: number
  /** Signs with a key that is not the passkey's. */
  readonly isForged?: boolean
  /** Says that it is another passkey. */
  readonly id?: string
  /** It also holds that id, with a key of its own. */
  readonly isCloned?: boolean
  /** An attestation of this format, with a certificate. */
  readonly attestation?: string
}
export interface Passkey {
  readonly id: string
  readonly userHandle: string
}
export interface Authenticator {
  register(options: CreationOptions, otherwise?: Otherwise): Registration
  /** With the passkey that was made last. */
  sign(options: RequestOptions, otherwise?: Otherwise): Assertion
  /** A copy of the device as it is now. */
  copy(): Authenticator
}
interface Kept extends Passkey {
  readonly privateKey: KeyObject
}

/** @param origin of the page that it is used on. `counts`: whether it counts its signatures; shared passkeys do not. */
export function createAuthenticator(
  origin: string,
  {
    counts = true,
    from,
  }: { readonly counts?: boolean; readonly from?: { kept: Kept | undefined; counter: number } } = {},
): Authenticator {
  const device = { kept: from?.kept, counter: from?.counter ?? 0 }
  const count = (): number => (counts ? (device.counter += 1) : 0)
  return {
    register: ({ challenge, rp, user }, otherwise = {}) => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const rawId = otherwise.isCloned === true ? Buffer.from(otherwise.id ?? '', 'base64url') : randomBytes(32)
      const id = otherwise.id ?? rawId.toString('base64url')
      device.kept = { id, userHandle: user.id, privateKey }
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
      // COSE: an EC2 key for ES256 on P-256.
      const cose = encode(
        new Map<number, unknown>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x, 'base64url')],
          [-3, Buffer.from(y, 'base64url')],
        ]),
      )
      const length = Buffer.alloc(2)
      length.writeUInt16BE(rawId.length)
      const attested = Buffer.concat([Buffer.alloc(16), length, rawId, cose])
      const authData = Buffer.concat([
        authenticatorData(otherwise.rpId ?? rp.id, flags.attested, otherwise, count()),
        attested,
      ])
      const { attestation } = otherwise
      const attStmt = attestation === undefined ? {} : { alg: -7, sig: randomBytes(70), x5c: [randomBytes(200)] }
      const attestationObject = encode({ fmt: attestation ?? 'none', attStmt, authData })
      return {
        id,
        rawId: id,
        type: 'public-key',
        response: {
          clientDataJSON: clientData('webauthn.create', challenge, origin, otherwise),
          attestationObject: Buffer.from(attestationObject).toString('base64url'),
          transports: ['internal'],
        },
      }
    },
    sign: ({ challenge, rpId }, otherwise = {}) => {
      const { kept } = device
      if (kept === undefined) throw new Error('The device has no passkey.')
      const data = authenticatorData(otherwise.rpId ?? rpId, 0, otherwise, count())
      const clientDataJSON = clientData('webauthn.get', challenge, origin, otherwise)
      const clientHash = createHash('sha256').update(Buffer.from(clientDataJSON, 'base64url')).digest()
      const { privateKey } = otherwise.isForged === true ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : kept
      const id = otherwise.id ?? kept.id
      return {
        id,
        rawId: id,
        type: 'public-key',
        response: {
          clientDataJSON,
          authenticatorData: data.toString('base64url'),
          signature: sign('sha256', Buffer.concat([data, clientHash]), privateKey).toString('base64url'),
          userHandle: otherwise.userHandle ?? kept.userHandle,
        },
      }
    },
    copy: () => createAuthenticator(origin, { counts, from: device }),
  }
}

function authenticatorData(
  rpId: string,
  more: number,
  { isVerified = true, isPresent = true, counter }: Otherwise,
  counted: number,
): Buffer {
  const set = more | (isPresent ? flags.userPresent : 0) | (isVerified ? flags.userVerified : 0)
  const count = Buffer.alloc(4)
  count.writeUInt32BE(counter ?? counted)
  return Buffer.concat([createHash('sha256').update(rpId).digest(), Buffer.from([set]), count])
}

function clientData(type: string, challenge: string, origin: string, otherwise: Otherwise): string {
  const data = {
    type: otherwise.type ?? type,
    challenge: otherwise.challenge ?? challenge,
    origin: otherwise.origin ?? origin,
    crossOrigin: false,
  }
  return Buffer.from(JSON.stringify(data)).toString('base64url')
}
