// What no request can show: that nothing evaluates, calls out or guesses, and which cryptography there is. Read from the sources of what
// serves people: the runtime, the transport and the accounts.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const packages = join(import.meta.dirname, '../../..')
const sources = ['core', 'http', 'identity']
  .flatMap((name) => globSync(`${name}/src/**/*.ts`, { cwd: packages }))
  // The typed client runs in browsers.
  .filter((path) => !path.startsWith('http/src/client/'))
  .map((path) => ({ path, text: withoutComments(readFileSync(join(packages, path), 'utf8')) }))

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1')
}
function pathsWith(pattern: RegExp): readonly string[] {
  return sources
    .filter(({ text }) => pattern.test(text))
    .map(({ path }) => path)
    .toSorted()
}
/** What the pattern's group found, each once, in order. */
function found(pattern: RegExp): readonly string[] {
  return [...new Set(sources.flatMap(({ text }) => [...text.matchAll(pattern)].map(([, one = '']) => one)))].toSorted()
}

test('there is something to read', () => {
  assert.ok(sources.length > 300)
})

test('nothing is evaluated, no program is started, and no pattern is made of what somebody sends', () => {
  assert.deepEqual(pathsWith(/\beval\(|\bnew Function\(|node:(?:child_process|vm|repl|inspector)/), [])
  // Of a number, and of names, that stand in the source.
  assert.deepEqual(pathsWith(/new RegExp\(/), ['http/src/redacted.ts', 'identity/src/second-factor/recovery-codes.ts'])
})

test('no address is called that a caller chose: the one way out is the mail server', () => {
  assert.deepEqual(pathsWith(/(?:await|return|=>|=) fetch\(|\bglobalThis\.fetch\b|from 'undici'/), [])
  assert.deepEqual(pathsWith(/from 'nodemailer/), ['identity/src/mail/smtp-mailer.ts'])
  const outgoing =
    /\b(?:net|tls|http|https|dgram|http2)\.(?:connect|request|get)\(|import \{[^}]*\b(?:connect|request)\b[^}]*\} from 'node:/
  assert.deepEqual(pathsWith(outgoing), [])
})

test('secrets come from the cryptographic source of the platform, at least 96 bits of it', () => {
  assert.deepEqual(pathsWith(/Math\.random/), [])
  const fewest = found(/randomBytes\((\d+)\)/g).map(Number)
  assert.ok(fewest.length > 0 && fewest.every((bytes) => bytes >= 12), `randomBytes(${fewest.join(', ')})`)
})

test('cryptography is approved, and is that of the platform or of known libraries', () => {
  const hashes = found(/\b(?:createHash|createHmac|hash|hkdfSync)\(\s*'([^']+)'/g)
  assert.deepEqual(hashes, ['sha256'])
  const ciphers = found(/'(aes-[\w-]+|des(?:-[\w-]+)?|rc[24]|blowfish|chacha20[\w-]*)'/g)
  assert.deepEqual(ciphers, ['aes-128-ecb', 'aes-256-gcm'])
  // One block that hides a number, with nothing after it: the positions in tokens, cursors and ids of the fanout.
  assert.deepEqual(pathsWith(/aes-128-ecb/), [
    'core/src/delivery/fanout-ids.ts',
    'core/src/stores/cursor.ts',
    'core/src/stores/event/token.ts',
  ])
  const known = ['@node-rs/argon2', '@simplewebauthn/server', 'jose', 'otpauth']
  const libraries = found(
    /from '((?:@node-rs|@simplewebauthn|jose|otpauth|bcrypt|crypto-js|node-forge|jsonwebtoken)[^']*)'/g,
  )
  assert.ok(
    libraries.every((name) => known.some((one) => name.startsWith(one))),
    libraries.join(', '),
  )
})

test('what somebody sends is compared with a secret in constant time', () => {
  const compares = pathsWith(/timingSafeEqual\(/).filter((path) => path.startsWith('identity/'))
  assert.deepEqual(compares, [
    'identity/src/auth/refresh-token-text.ts',
    'identity/src/second-factor/recovery-codes.ts',
    'identity/src/secrets/codes.ts',
    'identity/src/service-account/key-text.ts',
  ])
  const plainly =
    /\b(?:\w*[Hh]ash|secret|digest|mac|password)\s*[!=]==?\s*(?!undefined\b)\w|[!=]==?\s*(?:\w+\.)*(?:\w*[Hh]ash|secret|digest|mac)\b/
  assert.deepEqual(
    pathsWith(plainly).filter((path) => path.startsWith('identity/')),
    [],
  )
})
