// Jobs have terms beside their payload: queue, priority, times and keys.
import type { Migration } from '@gesta/core/ports'

/** JSON text; NULL for jobs without terms of their own, as all of before are. */
const addTerms = 'ALTER TABLE jobs ADD COLUMN terms TEXT'

export const jobTerms: Migration = { number: 4, name: 'job-terms', statements: [addTerms] }
