// The keys that sign access tokens: one row among the credentials, which every process changes by the version that it read, so that all of
// them have the same keys. Nothing here waits for a timer: whoever signs looks whether a change is due.
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { GestaError, systemTenant } from '@gesta/core'
import type { Credentials, JsonValue } from '@gesta/core'

/** Ed25519, by the name that libraries know (RFC 8037). */
export const signingAlgorithm = 'EdDSA'

/** What lies sealed in the row. */
interface Kept {
  readonly kid: string
  /** Base64url: the parts of the key. */
  readonly x: string
  readonly d: string
  /** Milliseconds since 1970. */
  readonly signsFrom: number
}
interface Loaded {
  readonly version: number
  /** In the order in which they sign. */
  readonly kept: readonly Kept[]
  readonly pairs: ReadonlyMap<string, { readonly publicKey: KeyObject; readonly privateKey: KeyObject }>
  readonly at: number
}
export interface SigningKeys {
  /** The key that signs now; changed when that is due. */
  signing(): Promise<{ readonly kid: string; readonly privateKey: KeyObject }>
  /** A key that is known here. */
  verifying(kid: string): KeyObject | undefined
  /** Looks whether another process has made it, once a second at most. */
  look(kid: string): Promise<KeyObject | undefined>
  published(): Promise<{ readonly keys: readonly { readonly [name: string]: string }[] }>
  rotate(): Promise<void>
}

const row = { tenant: systemTenant, kind: 'signing-key', id: 'current' } as const
const lifetimeOfKeyMs = 30 * 86_400_000
/** Between its publication and its first signature, so that whoever verifies has loaded it. */
const publishedBeforeMs = 600_000
/** How old what is known may be when something is signed: so long others may sign by a key that was replaced at once. */
const freshMs = 60_000
const lookMs = 1_000
const triesMax = 100

export async function createSigningKeys({
  credentials,
  lifetimeMs,
  now,
}: {
  readonly credentials: Credentials
  /** Of what they sign. */
  readonly lifetimeMs: number
  readonly now: () => number
}): Promise<SigningKeys> {
  /** Keys that nothing valid was signed by any more go with the next change. */
  const living = (kept: readonly Kept[], at: number): readonly Kept[] =>
    kept.filter((_, index) => {
      const next = kept[index + 1]
      return next === undefined || next.signsFrom + lifetimeMs + 2 * freshMs > at
    })
  const load = async (): Promise<Loaded | undefined> => {
    const found = await credentials.get(row)
    return found && loadedOf(found.version, found.value as unknown as readonly Kept[], now())
  }
  /** Of several processes that add a key at once one does, and the others have what it made. */
  const change = async (next: (kept: readonly Kept[]) => readonly Kept[]): Promise<Loaded> => {
    for (let tries = 0; tries < triesMax; tries++) {
      const before = await load()
      const kept = next(living(before?.kept ?? [], now()))
      if (
        before !== undefined &&
        kept.length === before.kept.length &&
        kept.every((key, at) => key === before.kept[at])
      )
        return before
      const value = kept as unknown as JsonValue
      if (await credentials.put(row, { subject: 'app', value }, before?.version ?? 0))
        return loadedOf((before?.version ?? 0) + 1, kept, now())
    }
    throw new GestaError('conflict', 'The keys that sign access tokens were changed by others all the time. Try again.')
  }
  const whenDue = (kept: readonly Kept[]): readonly Kept[] => {
    const last = kept.at(-1)
    if (last === undefined) return [newKey(now())]
    const isDue = last.signsFrom + lifetimeOfKeyMs - publishedBeforeMs <= now()
    return isDue ? [...kept, newKey(now() + publishedBeforeMs)] : kept
  }

  let known = await change(whenDue)
  let lookedAt = Number.NEGATIVE_INFINITY
  let looking: Promise<void> | undefined
  const isFresh = (): boolean => Math.abs(now() - known.at) < freshMs
  const fresh = async (): Promise<Loaded> => {
    if (!isFresh()) known = await change(whenDue)
    return known
  }
  return {
    signing: async () => {
      const { kept, pairs } = await fresh()
      const at = now()
      const { kid = '' } = kept.findLast(({ signsFrom }) => signsFrom <= at) ?? kept[0] ?? {}
      const pair = pairs.get(kid)
      if (pair === undefined) throw new Error('Expected a key that signs access tokens, and there is none.')
      return { kid, privateKey: pair.privateKey }
    },
    verifying: (kid) => known.pairs.get(kid)?.publicKey,
    look: async (kid) => {
      if (looking === undefined && Math.abs(now() - lookedAt) >= lookMs) {
        lookedAt = now()
        looking = load()
          .then((found) => void (known = found ?? known))
          .finally(() => (looking = undefined))
      }
      await looking
      return known.pairs.get(kid)?.publicKey
    },
    published: async () => {
      const { kept } = await fresh()
      return {
        keys: living(kept, now()).map(({ kid, x }) => ({
          kty: 'OKP',
          crv: 'Ed25519',
          use: 'sig',
          alg: signingAlgorithm,
          kid,
          x,
        })),
      }
    },
    rotate: async () => {
      const at = now()
      // A key that was only published begins with it, and so never signs: the last one does.
      known = await change((kept) => [
        ...kept.map((key) => (key.signsFrom > at ? { ...key, signsFrom: at } : key)),
        newKey(at),
      ])
    },
  }
}

function newKey(signsFrom: number): Kept {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return { kid: randomBytes(12).toString('base64url'), x, d, signsFrom }
}

function loadedOf(version: number, kept: readonly Kept[], at: number): Loaded {
  const pairs = new Map(
    kept.map(({ kid, x, d }) => {
      const key = { kty: 'OKP', crv: 'Ed25519', x }
      const publicKey = createPublicKey({ key, format: 'jwk' })
      return [kid, { publicKey, privateKey: createPrivateKey({ key: { ...key, d }, format: 'jwk' }) }] as const
    }),
  )
  return { version, kept, pairs, at }
}
