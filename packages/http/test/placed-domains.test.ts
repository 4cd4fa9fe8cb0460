// Default routes of a domain whose data lies in one tenant: nobody has to say so in a request.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aggregate, command, createApp, domain, event, handle, projection, query, systemTenant } from '@gesta/core'
import { z } from 'zod'
import { serveRunning } from './support/serve-shop.ts'

const id = z.object({ id: z.string() })
const Said = event('Person.Said', z.object({}))
const Person = aggregate('Person', () => 0).on(Said, (count) => count + 1)
const people = projection(Person)
const say = command('Person.Say', { input: id })
const get = query('Person.Get', { input: id, result: z.object({ count: z.int() }).nullable() })
const persons = createApp('persons', {
  domains: [
    domain('Person', {
      roles: ['web'],
      tenant: systemTenant,
      permissions: 'anonymous',
      readModels: [people],
      handlers: [
        Person.decide(say, 'id', () => [Said({})]),
        handle(get, async (input, { read }) => {
          const found = await read(people).get(input.id)
          return found === undefined ? null : { count: found.state }
        }),
      ],
    }),
  ],
})

test('the default routes of a domain with a tenant of its own write and read there', async () => {
  await using running = await persons.start()
  const authenticate = () => ({ tenant: 'acme', identity: 'ann', account: 'a', session: 's' })
  await using served = await serveRunning(running, { authenticate })
  const said = await served.post('/api/commands/Person.Say', { id: 'p' })
  assert.equal(said.status, 200)
  const { commandId } = said.body as { readonly commandId: string }
  assert.equal((await running.commandLog.get(systemTenant, commandId))?.tenant, systemTenant)
  await running.caughtUp()
  assert.deepEqual((await served.get('/api/queries/Person.Get?id=p')).body, { count: 1 })
})
