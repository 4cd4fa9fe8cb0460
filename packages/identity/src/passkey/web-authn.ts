// The forms in which a browser is asked for a passkey and answers, each bounded: what WebAuthn calls the JSON of options and responses.
import { z } from 'zod'

/** A passkey's id; 384 bytes, more than authenticators use that keep their keys themselves. */
const idMax = 512

function base64url(max: number): z.ZodType<string, string> {
  return z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'Expected base64url without padding.')
    .max(max)
}
const publicKey = z.literal('public-key')
const transports = z.array(z.string().max(32)).max(8).readonly()

export interface Registration {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly response: {
    readonly clientDataJSON: string
    readonly attestationObject: string
    readonly transports?: readonly string[] | undefined
  }
}
export const registration: z.ZodType<Registration, Registration> = z.object({
  id: base64url(idMax),
  rawId: base64url(idMax),
  type: publicKey,
  response: z.object({
    clientDataJSON: base64url(4_096),
    attestationObject: base64url(8_192),
    transports: transports.optional(),
  }),
})
export interface Assertion {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly response: {
    readonly clientDataJSON: string
    readonly authenticatorData: string
    readonly signature: string
    /** Whose passkey it is; authenticators say so of those that are kept on them. */
    readonly userHandle?: string | null | undefined
  }
}
export const assertion: z.ZodType<Assertion, Assertion> = z.object({
  id: base64url(idMax),
  rawId: base64url(idMax),
  type: publicKey,
  response: z.object({
    clientDataJSON: base64url(4_096),
    authenticatorData: base64url(4_096),
    signature: base64url(2_048),
    userHandle: base64url(128).nullish(),
  }),
})

export interface CreationOptions {
  readonly challenge: string
  readonly rp: { readonly id: string; readonly name: string }
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string }
  readonly pubKeyCredParams: readonly { readonly type: 'public-key'; readonly alg: number }[]
  readonly timeout: number
  readonly attestation: 'none'
  readonly excludeCredentials: readonly { readonly type: 'public-key'; readonly id: string }[]
  readonly authenticatorSelection: {
    readonly residentKey: 'required'
    readonly requireResidentKey: boolean
    readonly userVerification: 'required'
  }
}
export const creationOptions: z.ZodType<CreationOptions> = z.object({
  challenge: z.string(),
  rp: z.object({ id: z.string(), name: z.string() }),
  user: z.object({ id: z.string(), name: z.string(), displayName: z.string() }),
  pubKeyCredParams: z.array(z.object({ type: publicKey, alg: z.int() })).readonly(),
  timeout: z.int(),
  attestation: z.literal('none'),
  excludeCredentials: z.array(z.object({ type: publicKey, id: z.string() })).readonly(),
  authenticatorSelection: z.object({
    residentKey: z.literal('required'),
    requireResidentKey: z.boolean(),
    userVerification: z.literal('required'),
  }),
})
export interface RequestOptions {
  readonly challenge: string
  readonly rpId: string
  readonly timeout: number
  readonly userVerification: 'required'
}
export const requestOptions: z.ZodType<RequestOptions> = z.object({
  challenge: z.string(),
  rpId: z.string(),
  timeout: z.int(),
  userVerification: z.literal('required'),
})
