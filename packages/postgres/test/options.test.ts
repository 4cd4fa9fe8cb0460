import assert from 'node:assert/strict'
import test from 'node:test'
import { postgres, postgresMigrations } from '../src/index.ts'
import type { PostgresOptions } from '../src/index.ts'
import { placeOf } from '../src/options.ts'

const url = 'postgres://app:very-secret@db.example:6432/shop?sslmode=verify-full'

test('options are checked: unknown ones and wrong values', () => {
  const wrong: readonly [object, RegExp][] = [
    [{ url, shema: 'a' }, /Did you mean "schema"/],
    [{ url: 'mysql://a' }, /Expected url to be a URL that begins with postgres:/],
    [{ url: undefined }, /Expected url/],
    [{ url, directUrl: 'localhost' }, /Expected directUrl/],
    [{ url, schema: 'Shop' }, /lower-case letters/],
    [{ url, schema: 'a"; DROP TABLE b' }, /lower-case letters/],
    [{ url, schema: 'pg_shop' }, /pg_/],
    [{ url, durability: 'off' }, /"full" or "normal"/],
    [{ url, connectionsMax: 0 }, /connectionsMax.*from 1 to 1000, received 0/],
    [{ url, lockTimeoutMs: 1.5 }, /lockTimeoutMs/],
    [{ url, retryForMs: -1 }, /retryForMs/],
    [{ url, cacheBytesMax: 10 }, /cacheBytesMax/],
    [{ url, lockTimeoutMs: 9_000, answerTimeoutMs: 18_000 }, /more than twice lockTimeoutMs/],
  ]
  for (const [options, message] of wrong) assert.throws(() => postgres(options as PostgresOptions), message)
  assert.throws(() => postgresMigrations({ url: 'x' }), /Expected url/)
  assert.equal(postgres({ url }).backend, 'postgres')
})

test('a URL is never shown, because it may hold a password', () => {
  assert.throws(
    () => postgres({ url: url.replace('postgres:', 'mysql:') }),
    (error) => error instanceof Error && !error.message.includes('very-secret'),
  )
  assert.equal(placeOf({ url, schema: 'gesta' }), 'schema gesta of db.example:6432/shop')
  assert.equal(placeOf({ url: 'postgresql://localhost/shop', schema: 'a' }), 'schema a of localhost:5432/shop')
})
