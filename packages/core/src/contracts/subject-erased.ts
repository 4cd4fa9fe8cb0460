// The event that says that a subject was erased: the only trace of an erasure in the log, and what every process acts on.
import type { Schema } from '../schema/schema.ts'
import { event } from './define.ts'
import type { DomainEventContract } from './contract.ts'

export interface SubjectErasedData {
  /** The subject's id, as personal events name it. */
  readonly subject: string
  /** Why, as `erase` was told. */
  readonly reason: string
}

const dataSchema: Schema<SubjectErasedData> = {
  '~standard': {
    version: 1,
    vendor: 'gesta',
    validate: (value) => {
      const { subject, reason } = (value ?? {}) as { readonly subject?: unknown; readonly reason?: unknown }
      return typeof subject === 'string' && typeof reason === 'string'
        ? { value: { subject, reason } }
        : { issues: [{ message: 'Expected the texts subject and reason.' }] }
    },
  },
}

/**
 * Stored once per erased subject, after its key was destroyed. Read models follow it like any other event, to remove or blank what
 * they keep of the subject. Reference: docs/reference/erasure.md.
 */
export const SubjectErased: DomainEventContract<'Gesta.SubjectErased', SubjectErasedData> = event(
  'Gesta.SubjectErased',
  dataSchema,
)

/** The aggregate type of the streams that hold these events: one stream per subject, under its id, with one event at most. */
export const erasureStream = 'Gesta.Subject'
