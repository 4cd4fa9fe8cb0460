import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { commandsIn, tracePlace } from './trace-place.ts'

const commandCount = 24
/** What might have caused a command: another one, before or after it, or something that one has left, or nothing that there is. */
const cause = fc.tuple(
  fc.nat({ max: commandCount }),
  fc.constantFrom(undefined, 'command', 'event', 'message', 'job', 'nothing'),
)

test('whatever causes what, every command of a correlation is in its trace once, and nothing else is', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ cause, isOther: fc.boolean() }), { maxLength: commandCount }),
      async (commands) => {
        await using place = await tracePlace()
        const causeOf = (at: number, kind: string | undefined): string | undefined => {
          const endings: { readonly [kind: string]: string } = { command: '', event: '.0', job: '.j0', nothing: '.7' }
          if (kind === undefined) return undefined
          return kind === 'message' ? place.messageId(`${at}`, 0) : `${at}${endings[kind]}`
        }
        for (const [
          number,
          {
            cause: [at, kind],
            isOther,
          },
        ] of commands.entries()) {
          const correlationId = isOther ? 'other' : 'c'
          const causationId = causeOf(at, kind)
          const given = { correlationId, ...(causationId !== undefined && { causationId }) }
          await place.command(`${number}`, { ...given, events: 1, sent: 1, started: 1 })
        }
        const expected = [...commands.keys()].filter((at) => commands[at]?.isOther === false).map(String)
        const trace = await place.trace('c')
        const found = commandsIn(trace?.commands ?? []).map(({ record }) => record.commandId)
        assert.deepEqual(found.toSorted(), expected.toSorted())
        assert.deepEqual(await place.trace('c'), trace, 'and always the same')
      },
    ),
    { numRuns: 200 },
  )
})
