// Annotations that say something else than the schema: none of them compiles. Never run.
import { z } from 'zod'
import { command, event } from '@gesta/core'
import type { CommandContract, DomainEventContract } from '@gesta/core'

type Take = CommandContract<'Seat.Take', { readonly id: string }, void, { taken: undefined }>
const input = z.object({ id: z.string() })
const taken = 'It is taken.'
type Taken<Data, Personal extends string = never> = DomainEventContract<'Seat.Taken', Data, Personal>

export const right: Take = command('Seat.Take', { input, rejections: { taken } })
// @ts-expect-error: another input
export const otherInput: Take = command('Seat.Take', { input: z.object({ id: z.number() }), rejections: { taken } })
// @ts-expect-error: another rejection
export const otherRejection: Take = command('Seat.Take', { input, rejections: { takn: taken } })
// @ts-expect-error: a result
export const withResult: Take = command('Seat.Take', { input, result: z.string(), rejections: { taken } })
// @ts-expect-error: another name
export const otherName: Take = command('Seat.Tak', { input, rejections: { taken } })
export const rightEvent: Taken<{ readonly id: string }> = event('Seat.Taken', input)
// @ts-expect-error: more data than the schema has
export const moreData: Taken<{ readonly id: string; readonly n: number }> = event('Seat.Taken', input)
// @ts-expect-error: another name
export const otherEventName: Taken<{ readonly id: string }> = event('Seat.Tken', input)
const personal = { fields: ['id'] } as const
export const rightPersonal: Taken<{ readonly id: string }, 'id'> = event('Seat.Taken', input, { personal })
// @ts-expect-error: a personal field that is not told
export const hidden: Taken<{ readonly id: string }> = event('Seat.Taken', input, { personal })
