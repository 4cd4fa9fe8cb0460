// Notes whose history is asked for in every way: by handlers, with models, and beside answers of any shape.
import { z } from 'zod'
import { aggregate, command, domain, event, handle, projection, query } from '@gesta/core'
import type { Erased, HistoryAsked, HistoryOptions } from '@gesta/core'

const noteId = z.string()
export const write = command('Note.Write', { input: z.object({ noteId, text: z.string() }) })
export const sign = command('Note.Sign', { input: z.object({ noteId, name: z.string() }) })
export const Written = event('Note.Written', z.object({ text: z.string() }))
export const Signed = event('Note.Signed', z.object({ name: z.string() }), { personal: { fields: ['name'] } })
interface NoteState {
  readonly text: string
  readonly signedBy: string | Erased
}
export const Note = aggregate('Note', (): NoteState => ({ text: '', signedBy: '' }))
  .on(Written, (note, { text }) => ({ ...note, text }))
  .on(Signed, (note, { name }) => ({ ...note, signedBy: name }))
const notes = projection(Note)

const asked = z.unknown()
/** An object or null. */
export const get = query('Note.Get', { input: z.object({ noteId }), result: z.object({ text: z.string() }).nullable() })
/** A list. */
export const texts = query('Note.Texts', { result: z.array(z.string()) })
export const count = query('Note.Count', { result: z.int() })
/** Shows two pages. */
export const everything = query('Note.Everything', { result: z.array(z.string()) })
/** What a projection gives, as it is. */
export const model = query('Note.Model', { input: z.object({ noteId, history: asked }), result: z.unknown() })
export const models = query('Note.Models', { input: z.object({ history: asked }), result: z.unknown() })
/** What the handler reads of the log. */
export const log = query('Note.Log', { input: z.object({ noteId, options: asked }), result: z.unknown() })
export const twice = query('Note.Twice', {
  input: z.object({ noteId }),
  result: z.object({ texts: z.array(z.string()) }),
})
export const quiet = query('Note.Quiet', { result: z.object({ total: z.int() }), history: false })
/** Asks a quiet query and one that is not. */
export const outer = query('Note.Outer', { input: z.object({ noteId }), result: z.object({ total: z.int() }) })
export const own = query('Note.Own', { result: z.object({ history: z.string() }) })
export const checked = query('Note.Checked', { input: z.object({ noteId }), result: z.object({ known: z.boolean() }) })

export const noteDomain = domain('Note', {
  permissions: 'anonymous',
  readModels: [notes],
  handlers: [
    Note.decide(write, 'noteId', (_, { text }) => [Written({ text })]),
    Note.decide(sign, 'noteId', (_, { name }) => [Signed({ name })]),
    handle(get, async (input, { read }) => (await read(notes).get(input.noteId))?.state ?? null),
    handle(texts, async (_, { read }) => (await read(notes).list()).items.map(({ state }) => state.text)),
    handle(count, async (_, { read }) => (await read(notes).list({ pageSize: 1000 })).total),
    handle(everything, async (_, { read }) => {
      const pages = [await read(notes).list({ pageSize: 1000 }), await read(notes).list({ pageSize: 1000, page: 2 })]
      return pages.flatMap(({ items }) => items.map(({ id }) => id))
    }),
    handle(model, async (input, { read }) => read(notes).get(input.noteId, { history: input.history as HistoryAsked })),
    handle(models, async ({ history }, { read }) => read(notes).list({ history: history as HistoryAsked })),
    handle(log, async (input, { history }) => history(Note, input.noteId, input.options as HistoryOptions)),
    handle(twice, async (input, { read }) => {
      const first = await read(notes).get(input.noteId)
      const all = await read(notes).list()
      return { texts: [first, ...all.items].map((found) => found?.state.text ?? '') }
    }),
    handle(quiet, async (_, { read }) => ({ total: (await read(notes).list()).total })),
    handle(outer, async (input, context) => {
      await context.query(get({ noteId: input.noteId }))
      return context.query(quiet())
    }),
    handle(own, async () => ({ history: 'its own' })),
    handle(checked, async (input, { read }) => ({
      known: (await read(notes).get(input.noteId, { history: false })) !== undefined,
    })),
  ],
})
