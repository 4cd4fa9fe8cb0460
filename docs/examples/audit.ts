import { generateKeyPairSync } from 'node:crypto'
import { aggregate, command, createApp, deny, domain, event, memory, systemContext } from '@gesta/core'
import { z } from 'zod'

const raise = command('Salary.Raise', {
  input: z.object({ employee: z.string(), pence: z.int(), note: z.string() }),
  rejections: { too_much: 'More than the budget.' },
  redact: { note: 'personal' },
  audited: true,
})
const fire = command('Salary.Fire', { input: z.object({ employee: z.string() }) })
const Raised = event('Salary.Raised', z.object({ pence: z.int(), note: z.string() }))

const Salary = aggregate('Salary', () => ({ pence: 0, note: '' })).on(Raised, ({ pence }, data) => ({
  pence: pence + data.pence,
  note: data.note,
}))
const office = createApp('office', {
  domains: [
    domain('Salary', {
      permissions: { 'Salary.Raise': 'authenticated', 'Salary.Fire': () => deny('nobody is fired here') },
      handlers: [
        Salary.decide(raise, 'employee', (_, { pence, note }) =>
          pence > 100_000 ? raise.reject('too_much') : [Raised({ pence, note })],
        ),
        Salary.decide(fire, 'employee', () => []),
      ],
    }),
  ],
})

// Kept apart from the database: whoever has both can write a history of his own.
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const signingKey = privateKey.export({ type: 'pkcs8', format: 'pem' })
await using running = await office.start({ store: memory(), audit: { signingKey } })

const context = { account: 'ann', session: 's-1' }
const metadata = { address: '192.0.2.1' }
await running.dispatch(raise({ employee: 'E-1', pence: 500, note: 'a child' }), { context, metadata })
await running.dispatch(raise({ employee: 'E-1', pence: 200_000, note: '' }), { context })
await running.dispatch(fire({ employee: 'E-1' }), { context }).catch(() => undefined)

// Whoever looks is in the log too.
const { items } = await running.audit.list(systemContext(), { order: 'oldest', tenant: '' })
for (const { sequence, actor, action, resource, outcome, data } of items) {
  const { reason, before, after } = JSON.parse(data)
  console.log(sequence, actor, action, resource, outcome, reason, JSON.stringify(before), JSON.stringify(after))
}

// Every day: sign where the chains end, and keep it where the database's operators cannot reach it.
const checkpoint = await running.audit.checkpoint(systemContext())
console.log(checkpoint.heads.map(({ tenant, sequence }) => `${tenant} ${sequence}`))

const pem = publicKey.export({ type: 'spki', format: 'pem' })
const verified = await running.audit.verify(systemContext(), { checkpoints: [checkpoint], publicKey: pem })
console.log(verified)
