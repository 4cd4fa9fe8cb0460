// Any order of what people, strangers and administrators do to one address: at every moment exactly the right password signs in.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { storesOfOne } from '../stores.ts'
import { accounts, administrator, codeIn, openAccounts, passwords } from './open-accounts.ts'
import type { Accounts } from './open-accounts.ts'
import { rejected } from './rejected.ts'

const email = 'ann@example.com'
const byAdministrator = { context: administrator }
type Password = (typeof passwords)[number]

/** What there ought to be of the account. */
interface Model {
  status: 'none' | 'unverified' | 'active' | 'blocked'
  wasVerified: boolean
  password: Password | undefined
  contested: boolean
  /** What the code of each mail was sent for: it counts as long as nothing newer is said. */
  verification: number | undefined
  reset: number | undefined
}
interface Real {
  readonly app: Accounts
  readonly mails: MailedCode[]
  seen: number
  minute: number
}
interface MailedCode {
  readonly kind: 'verification' | 'reset'
  readonly code: string
  readonly minute: number
}
const lifetimeMinutes = { verification: 24 * 60, reset: 60 } as const
type Step = fc.AsyncCommand<Model, Real>

const nothing = (): Model => ({
  status: 'none',
  wasVerified: false,
  password: undefined,
  contested: false,
  verification: undefined,
  reset: undefined,
})

/** Takes the codes of the mails that came, and notes with the model which ones count. */
async function collect(model: Model, real: Real): Promise<void> {
  const { app } = real
  await app.settled()
  for (const mail of app.mails.slice(real.seen)) {
    const kind = /confirm your address/.test(mail.subject) ? 'verification' : 'reset'
    if (!mail.text.includes('#')) continue
    real.mails.push({ kind, code: codeIn(mail), minute: real.minute })
    model[kind] = real.mails.length - 1
  }
  real.seen = app.mails.length
}

async function check(model: Model, real: Real): Promise<void> {
  await collect(model, real)
  for (const password of passwords) {
    const expected = model.status === 'active' && model.password === password
    assert.equal(await real.app.signsIn(email, password), expected, `${password}, ${JSON.stringify(model)}`)
  }
}

function step(name: string, run: (model: Model, real: Real) => Promise<void>): Step {
  return {
    check: () => true,
    toString: () => name,
    run: async (model, real) => {
      await run(model, real)
      await check(model, real)
    },
  }
}

const register = (password: Password) =>
  step(`register ${password}`, async (model, { app }) => {
    assert.ok((await app.register(email, password)).ok)
    if (model.status !== 'none' && model.status !== 'unverified') return
    if (model.password !== password) {
      model.contested = model.password !== undefined
      Object.assign(model, { password, verification: undefined })
    }
    model.status = 'unverified'
  })

const pass = (minutes: number) =>
  step(`${minutes} minutes pass`, async (_, real) => {
    real.minute += minutes
    real.app.pass(minutes * 60_000)
  })

const ask = (what: 'requestVerification' | 'requestPasswordReset') =>
  step(what, async (_, { app }) => {
    assert.ok((await app.running.dispatch(accounts[what]({ email }))).ok)
  })

/** One of the last mails; and whether its code counts. */
function mailed(model: Model, { mails, minute }: Real, nth: number) {
  const at = mails.length - 1 - (nth % Math.min(3, Math.max(1, mails.length)))
  const mail = mails[at]
  const counts = mail !== undefined && model[mail.kind] === at && minute - mail.minute < lifetimeMinutes[mail.kind]
  return { code: mail?.code ?? 'none', kind: counts ? mail.kind : undefined }
}

const verify = (nth: number, password: Password | undefined) =>
  step(`verify with mail ${nth} and ${password}`, async (model, real) => {
    const { code, kind } = mailed(model, real, nth)
    const isShown = password === undefined ? !model.contested : password === model.password
    const expected = kind === 'verification' && model.status === 'unverified' && isShown
    assert.equal((await real.app.verify(code, password)).ok, expected)
    if (expected) Object.assign(model, activated)
  })

const reset = (nth: number, password: Password) =>
  step(`reset with mail ${nth} to ${password}`, async (model, real) => {
    const { code, kind } = mailed(model, real, nth)
    const expected = kind === 'reset' && (model.status === 'unverified' || model.status === 'active')
    const outcome = await real.app.running.dispatch(accounts.resetPassword({ code, password }))
    assert.equal(outcome.ok, expected)
    if (expected) Object.assign(model, activated, { password, reset: undefined })
  })

const activated = { status: 'active', wasVerified: true, contested: false, verification: undefined } as const

const change = (current: Password, password: Password) =>
  step(`change ${current} to ${password}`, async (model, { app }) => {
    const found = await app.find(email)
    if (found === null || model.status !== 'active') return
    const asked = accounts.changePassword({ currentPassword: current, newPassword: password })
    const outcome = await app.as(found.account).dispatch(asked)
    assert.equal(outcome.ok, current === model.password)
    if (!outcome.ok) return
    Object.assign(model, { password, reset: undefined })
  })

const administer = (what: 'block' | 'unblock' | 'remove') =>
  step(what, async (model, { app }) => {
    const found = await app.find(email)
    if (found === null) return
    const { account: accountUuid } = found
    const command =
      what === 'block' ? accounts.block({ accountUuid, reason: 'asked for' }) : accounts[what]({ accountUuid })
    const outcome = await app.running.dispatch<unknown, unknown>(command, byAdministrator)
    assert.equal(rejected(outcome), undefined)
    if (what === 'block') model.status = 'blocked'
    if (what === 'unblock' && model.status === 'blocked') model.status = model.wasVerified ? 'active' : 'unverified'
    if (what === 'remove') Object.assign(model, nothing())
  })

const word = fc.constantFrom(...passwords)
const nth = fc.nat(2)
const steps = [
  word.map(register),
  fc.constantFrom(3, 3, 61, 24 * 60 + 1).map(pass),
  fc.constantFrom('requestVerification', 'requestPasswordReset').map((what) => ask(what as 'requestVerification')),
  fc.tuple(nth, fc.option(word, { nil: undefined })).map(([at, password]) => verify(at, password)),
  fc.tuple(nth, word).map(([at, password]) => reset(at, password)),
  fc.tuple(word, word).map(([current, password]) => change(current, password)),
  fc.constantFrom('block', 'unblock', 'remove').map((what) => administer(what as 'block')),
]

const runs: { readonly [store: string]: number } = { memory: 300, SQLite: 5 }
for (const [name, open] of Object.entries(storesOfOne))
  it(`at every moment exactly the right password signs in: ${name}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 25 }), async (commands) => {
        await using place = await open()
        await using app = await openAccounts({ store: place.store })
        await fc.asyncModelRun(() => ({ model: nothing(), real: { app, mails: [], seen: 0, minute: 0 } }), commands)
      }),
      { numRuns: runs[name] ?? 5 },
    )
  })
