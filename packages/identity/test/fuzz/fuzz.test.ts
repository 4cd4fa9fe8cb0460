// Every route of an app with accounts, asked anything by anybody: only documented answers come back, and nothing of the inside or of
// another tenant. GESTA_FUZZ_SECONDS asks for longer, GESTA_FUZZ_SEED for a run of before.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { AnswerCheck } from './answers.ts'
import { OpenApi } from './operations.ts'
import type { Schema } from './operations.ts'
import { isAsked, requestsOf } from './requests.ts'
import type { Sent } from './requests.ts'
import { markers, password, startTwoTenants } from './two-tenants.ts'
import type { Caller, Ids, TwoTenants } from './two-tenants.ts'
import type { Known } from './values.ts'

const seconds = Number(process.env['GESTA_FUZZ_SECONDS'] ?? 20)
const firstSeed = Number(process.env['GESTA_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
/** Then a new app, because callers have ended their own sessions meanwhile. */
const requestsOfOneApp = 600
const busyFactor = 6

test('whatever anybody asks of any route is answered as the document says, and tells nothing of the inside or of others', async (t) => {
  t.diagnostic(`seed ${firstSeed}`)
  const startedAt = performance.now()
  const until = startedAt + seconds * 1000
  const seen = new Seen()
  // A busy machine, which asks little in that time, is given more of it.
  const latest = startedAt + busyFactor * seconds * 1000
  const goesOn = (): boolean => performance.now() < until || (performance.now() < latest && seen.missing().length > 0)
  for (let seed = firstSeed; goesOn(); seed++) {
    await using world = await startTwoTenants()
    const openApi = new OpenApi(await documentOf(world))
    const check = new AnswerCheck(openApi)
    const root: Caller = { name: 'the system administrator', token: world.people.administrator.accessToken }
    // Who may do everything is asked seldom: it takes from others what they are asked for.
    const callers = [...world.callers, ...world.callers, ...world.callers, root]
    const requests = requestsOf(openApi, callers, knownOf(world))
    const property = fc.asyncProperty(requests, async (sent) => {
      const answer = await world.asking.ask(sent)
      // Whoever allows a few milliseconds may be told that they were too few.
      const statusMax = sent.headers?.['gesta-deadline-ms'] === undefined ? 499 : 504
      check.check(sent.operation, answer, { asked: told(sent), markers: forbidden(sent), statusMax })
      seen.add(sent, answer.status)
    })
    // An app that was started is asked something in any case.
    const interruptAfterTimeLimit = Math.max(2_000, until - performance.now())
    await fc.assert(property, { seed, numRuns: requestsOfOneApp, endOnFailure: true, interruptAfterTimeLimit })
    const logged = world.logged.filter((line) => !JSON.stringify(line).includes('deadline_exceeded'))
    assert.deepEqual(logged, [], `something was logged, seed ${seed}`)
    seen.operations = openApi.operations.filter(isAsked).length
  }
  t.diagnostic(seen.told())
  assert.deepEqual(seen.missing(), [], 'answers that this must have met to say anything')
})

/** The ids of both tenants, under all names that contracts have for them. */
function knownOf({ ids: { a, b } }: TwoTenants): Known {
  const both = Object.fromEntries(
    Object.keys(a).map((field) => [field, [...a[field as keyof Ids], ...b[field as keyof Ids]]]),
  ) as unknown as Ids
  return {
    ...both,
    tenant: both.tenantUuid,
    identity: both.identityUuid,
    account: both.accountUuid,
    groups: both.groupUuid,
    permissions: ['*', 'Note.*', 'Note.Get', 'Group.Create'],
    email: ['people@app.example', 'alone@people.example', 'all@people.example'],
    password: [password],
    name: ['A name', 'Another'],
  }
}

/** What no answer to this caller may hold: callers without a place in a tenant see neither. */
function forbidden({ caller: { name } }: Sent): readonly string[] {
  if (name === 'the system administrator') return []
  return name.includes('tenant') || name.includes('member') || name.includes('key')
    ? [markers.b]
    : [markers.a, markers.b]
}

async function documentOf({ asking }: TwoTenants): Promise<Schema> {
  return JSON.parse((await asking.ask({ method: 'GET', target: '/docs/api' })).text) as Schema
}

function told({ method, target, headers, body, caller }: Sent): string {
  return `${caller.name}: ${method} ${target} ${JSON.stringify(headers)} ${body ?? ''}`
}

/** What came back, so that a fuzz that meets closed doors alone is found out. */
class Seen {
  operations = 0
  readonly #asked = new Set<string>()
  readonly #statuses = new Map<string, number>()
  #requests = 0

  add({ operation: { method, path }, caller }: Sent, status: number): void {
    this.#requests++
    this.#asked.add(`${method} ${path}`)
    const name = `${caller.name} ${status}`
    this.#statuses.set(name, (this.#statuses.get(name) ?? 0) + 1)
  }

  told(): string {
    const statuses = [...this.#statuses].map(([name, count]) => `${name}: ${count}`).toSorted()
    return `${this.#requests} requests of ${this.#asked.size} of ${this.operations} operations; ${statuses.join(', ')}`
  }

  missing(): readonly string[] {
    const expected = [
      'nobody 401',
      'nobody 200',
      'an account without identity 200',
      'an account without identity 403',
      'a member with few permissions 200',
      'a member with few permissions 403',
      'an administrator of the tenant 200',
      'an administrator of the tenant 403',
      'an administrator of the tenant 422',
      'an API key 200',
      'the system administrator 200',
      'an expired token 401',
      'a foreign token 401',
    ]
    return expected.filter((name) => !this.#statuses.has(name))
  }
}
