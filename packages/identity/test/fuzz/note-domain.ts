// The small domain of an app that has accounts: notes of a tenant.
import { aggregate, command, domain, event, handle, projection, query } from '@gesta/core'
import { z } from 'zod'

const noteUuid = z.string().min(1).max(64)
const note = z.object({ noteUuid: z.string(), text: z.string() })

const Written = event('Note.Written', z.object({ text: z.string() }))
const Note = aggregate('Note', () => ({ text: '' })).on(Written, (_, { text }) => ({ text }))
const notes = projection(Note)

const write = command('Note.Write', { input: z.object({ noteUuid, text: z.string().max(500) }) })
const get = query('Note.Get', { input: z.object({ noteUuid }), result: note.nullable() })
const list = query('Note.List', { result: z.object({ items: z.array(note) }) })

export const noteDomain = domain('Note', {
  roles: ['web'],
  permissions: 'authorized',
  readModels: [notes],
  handlers: [
    Note.decide(write, 'noteUuid', (_, { text }) => [Written({ text })]),
    handle(get, async (input, { read }) => {
      const found = await read(notes).get(input.noteUuid)
      return found === undefined ? null : { noteUuid: found.id, text: found.state.text }
    }),
    handle(list, async (_, { read }) => {
      const { items } = await read(notes).list({})
      return { items: items.map(({ id, state }) => ({ noteUuid: id, text: state.text })) }
    }),
  ],
})

/** Below the tenant, as those of accounts are. */
export const noteRoutes = {
  routes: [
    { type: 'Note.Write', method: 'PUT', path: '/api/tenants/{tenantUuid}/notes/{noteUuid}' },
    { type: 'Note.Get', method: 'GET', path: '/api/tenants/{tenantUuid}/notes/{noteUuid}' },
    { type: 'Note.List', method: 'GET', path: '/api/tenants/{tenantUuid}/notes' },
  ],
} as const
