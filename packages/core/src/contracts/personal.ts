// Personal fields of an event: which ones are about a person, and how handlers see them.
import { checkOptions } from '../schema/options.ts'
import type { Erased } from './erased.ts'

type Fields<Data> = Data extends unknown ? keyof Data & string : never
type TextFields<Data> = Data extends unknown
  ? { [K in keyof Data & string]: Data[K] extends string ? K : never }[keyof Data & string]
  : never

/** The fields of an event that are about a person: sealed with that person's key, so that they can be erased. */
export interface PersonalFields<Data> {
  /** The field that holds the person's id; it stays readable. Default: the id of the aggregate. */
  readonly subject?: TextFields<Data> | undefined
  /** Fields of the data, each as a whole. */
  readonly fields: readonly Fields<Data>[]
}
/** The same as the runtime reads it. */
export interface PersonalParts<Field extends string = string> {
  readonly subject?: string | undefined
  readonly fields: readonly Field[]
}

/** The data as handlers see it: a personal field may have been erased. */
export type AsRead<Data, Personal extends string> = [Personal] extends [never]
  ? Data
  : Data extends unknown
    ? { [K in keyof Data]: K extends Personal ? Data[K] | Erased : Data[K] }
    : never

/** What a revision says of personal fields; `none`: there are none any more. */
export type RevisedPersonal<Data> = PersonalFields<Data> | 'none'
/** The names of the personal fields after a revision: those that it says, or the ones of before. */
export type PersonalAfter<Said, Before extends string> = [Said] extends [never]
  ? Before
  : Said extends { readonly fields: readonly (infer Field extends string)[] }
    ? Field
    : never
/** `unknown` when a revision keeps all personal fields or says what they are now, else a type that tells what to do. */
export type MustKeepPersonal<Next, Said, Before extends string> = [Said] extends [never]
  ? [Before] extends [Fields<Next>]
    ? unknown
    : {
        readonly 'say which fields are personal now: revise(schema, upcast, { personal })': Exclude<
          Before,
          Fields<Next>
        >
      }
  : unknown

/** The checked declaration, `undefined` for none. Errors: plain ones, at set-up. */
export function checkPersonal(type: string, said: PersonalParts | 'none' | undefined): PersonalParts | undefined {
  if (said === undefined || said === 'none') return undefined
  checkOptions(said, ['subject', 'fields'], `personal of ${type}`)
  const { subject, fields } = said
  if (!Array.isArray(fields) || fields.length === 0 || fields.some((field) => typeof field !== 'string'))
    throw new Error(`Expected personal of ${type} to name at least one field. Leave it out when there is none.`)
  const repeated = fields.find((field, at) => fields.indexOf(field) !== at)
  if (repeated !== undefined)
    throw new Error(`The event ${type} names the personal field "${repeated}" twice. Keep one.`)
  if (subject !== undefined && fields.includes(subject)) {
    throw new Error(
      `The event ${type} names "${subject}" as a personal field and as the subject. The subject stays readable: its key is found by it.`,
    )
  }
  return Object.freeze({ subject, fields: Object.freeze([...fields]) })
}
