// What the files have been and become: modules of numbered migrations, in migrations/<module>/<number>-<name>.ts. One that was
// released is never changed; test/golden/ shows what they lead to.
import type { MigrationModule } from '@gesta/core/ports'
import { jobs } from './jobs/0001-jobs.ts'
import { log } from './log/0001-log.ts'
import { commandDetail } from './log/0002-command-detail.ts'
import { auditLog } from './log/0003-audit-log.ts'
import { jobTerms } from './log/0004-job-terms.ts'
import { outbox } from './outbox/0001-outbox.ts'
import { view } from './view/0001-view.ts'
import { parked } from './view/0002-parked.ts'

/** Of the store's file. */
export const storeModules: readonly MigrationModule[] = [
  { name: 'log', migrations: [log, commandDetail, auditLog, jobTerms] },
  { name: 'outbox', dependsOn: ['log'], migrations: [outbox] },
  { name: 'jobs', dependsOn: ['log'], migrations: [jobs] },
]

/** Of the file of a view. */
export const viewModules: readonly MigrationModule[] = [{ name: 'view', migrations: [view, parked] }]
