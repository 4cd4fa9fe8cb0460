// Every contract of an app, asked by callers of every kind for every tenant: what is allowed is what the oracle says, and `holds` and
// `explain` say the same. The contracts come from the app's own list: one that nobody has thought of here fails.
import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { auditDomain, hostOf, registerStorePermissions, runtimeDomain } from '@gesta/core'
import type { AnyDomain, Host } from '@gesta/core'
import { catalogueOf } from '../../src/app/catalogue.ts'
import { domainParts } from '../../src/app/domain.ts'
import { startApp } from '../started-app.ts'
import { aimed, directoryOf, systemCallers, targets, worldOf } from './callers.ts'
import type { Asking, World } from './callers.ts'
import { allowed, functions, inputsOf, mayHold, mayRun } from './oracle.ts'
import type { Declared, Question } from './oracle.ts'
import { matterDomain, mattersDomain } from './every-contract.ts'

const domains: readonly AnyDomain[] = [
  matterDomain,
  mattersDomain,
  runtimeDomain(),
  auditDomain(),
  // Nobody is told to come again later here.
  ...registerStorePermissions({ perSecond: 10_000, burst: 100_000 }),
]
const { handlers, entries } = catalogueOf(domains)
const contracts = handlers.map(({ contract }) => contract)
const permissions = entries.map(({ name }) => name)
/** Nobody may run them, ever. */
const never = new Set(['Matter.Nobody', 'Matter.Haunt'])
/** Of what is wrong, so that a failure can be read. */
const shownMax = 20

async function started(tellsSessions: boolean) {
  const world: World = worldOf(permissions, tellsSessions)
  const app = await startApp(domains, { directory: directoryOf(world) })
  after(() => app[Symbol.asyncDispose]())
  return { world, running: app.running, host: hostOf(app.running) }
}
const places = [
  { which: 'a directory that knows identities', ...(await started(false)) },
  { which: 'a directory that knows sessions too', ...(await started(true)) },
]

/** From the definitions of the domains, not from what the engine made of them. */
function declaredOf(type: string): Declared {
  const domain = domains.map(domainParts).find((candidate) => type.startsWith(`${candidate.name}.`))
  const permission = typeof domain?.permissions === 'string' ? domain.permissions : domain?.permissions[type]
  if (permission === 'anonymous' || permission === 'authenticated' || permission === 'authorized') return permission
  const known = functions[type]
  assert.ok(known, `The function of ${type} is not in the matrix. Say in oracle.ts what it is meant to allow.`)
  return known
}

function askingsOf({ callers }: World, permission: string): readonly Asking[] {
  const aimedAt = targets.flatMap((target) => callers(permission).map((asking) => aimed(asking, target)))
  return [...aimedAt, ...systemCallers()]
}

const run = (host: Host, kind: string, type: string, data: unknown, { context }: Asking): Promise<unknown> =>
  kind === 'query' ? host.query({ type, data }, { context }) : host.dispatch({ type, data }, { context })

const told = ({ asking, input }: Question, what: string, expected: boolean): string =>
  `${asking.kind}, for ${String(asking.context.targetTenant)}, ${JSON.stringify(input)}: ${what} should be ${expected}`

for (const { which, world, running, host } of places) {
  describe(`with ${which}, of every command and query`, () => {
    for (const { kind, type: name } of contracts.filter((contract) => contract.kind !== 'job'))
      test(`${name} is allowed to whom its permission says, and to nobody else`, async () => {
        const declared = declaredOf(name)
        const wrong: string[] = []
        const count = { yes: 0, no: 0 }
        for (const asking of askingsOf(world, name))
          for (const input of inputsOf(name, asking)) {
            const question: Question = { world, entries, asking, name, input }
            const expected = mayRun(declared, question)
            count[expected ? 'yes' : 'no']++
            if ((await allowed(run(host, kind, name, input, asking))) !== expected)
              wrong.push(told(question, 'running', expected))
          }
        assert.deepEqual(wrong.slice(0, shownMax), [])
        // Who is never allowed, or always, has shown nothing.
        if (declared !== 'anonymous') assert.ok(count.no > 0)
        if (!never.has(name)) assert.ok(count.yes > 0)
      })
  })

  describe(`with ${which}, of every permission`, () => {
    for (const { name, level } of entries)
      test(`${name} is held by whom it should be, and explained so`, async () => {
        const wrong: string[] = []
        for (const asking of askingsOf(world, name)) {
          const question: Question = { world, entries, asking, name, input: {} }
          const expected = mayHold(level === 'custom' ? 'authorized' : level, question)
          const { context } = asking
          if ((await running.permissions.holds(context, name)) !== expected)
            wrong.push(told(question, 'holds', expected))
          const explained = await running.permissions.explain(context, name)
          if (explained.allowed !== expected) wrong.push(told(question, 'explain', expected))
          const last = explained.path.at(-1)?.result
          if (last !== (expected ? 'allowed' : 'denied'))
            wrong.push(told(question, `the last step, ${last},`, expected))
          if ((await allowed(running.permissions.require(context, name))) !== expected)
            wrong.push(told(question, 'require', expected))
        }
        assert.deepEqual(wrong.slice(0, shownMax), [])
      })
  })

  describe(`with ${which}, of every job`, () => {
    for (const { type: name } of contracts.filter((contract) => contract.kind === 'job'))
      test(`${name} can be run by nobody from outside, whoever it is`, async () => {
        for (const asking of askingsOf(world, name))
          for (const kind of ['command', 'query'])
            await assert.rejects(run(host, kind, name, {}, asking), { code: 'missing_handler' })
        for (const { context } of systemCallers())
          await assert.rejects(running.permissions.holds(context, name), { code: 'permission_unknown' })
      })
  })

  describe(`with ${which}, the matrix`, () => {
    test('has every contract that the app answers, and no other', () => {
      const known = contracts.filter(({ kind }) => kind !== 'job').map(({ type }) => type)
      assert.deepEqual(host.contracts.map(({ contract }) => contract.type).toSorted(), known.toSorted())
      const listed = running.permissions.list().map(({ name }) => name)
      assert.deepEqual(listed, permissions.toSorted())
      for (const name of Object.keys(functions))
        assert.ok(known.includes(name), `${name} is in oracle.ts and in no domain`)
    })
  })
}
