// What the schema has been and becomes: modules of numbered migrations, in migrations/<module>/<number>-<name>.ts. One that was
// released is never changed; test/golden/ shows what they lead to.
import type { MigrationModule } from '@gesta/core/ports'
import { entries } from './cache/0001-entries.ts'
import { beginChange } from './changes/0001-begin-change.ts'
import { records } from './command-log/0001-records.ts'
import { credentials } from './credentials/0001-credentials.ts'
import { objects } from './data/0001-objects.ts'
import { jobs } from './jobs/0001-jobs.ts'
import { keys } from './keys/0001-keys.ts'
import { leases } from './leases/0001-leases.ts'
import { lines } from './lines/0001-lines.ts'
import { log } from './log/0001-log.ts'
import { append } from './log/0002-append.ts'
import { rewrite } from './log/0003-rewrite.ts'
import { commandDetail } from './log/0004-command-detail.ts'
import { correlationOrder } from './log/0005-correlation-order.ts'
import { correlations } from './log/0006-correlations.ts'
import { auditLog } from './log/0007-audit-log.ts'
import { oldAudit } from './log/0008-old-audit.ts'
import { primary } from './log/0009-primary.ts'
import { jobTerms } from './log/0010-job-terms.ts'
import { outbox } from './outbox/0001-outbox.ts'
import { seen } from './seen/0001-seen.ts'
import { snapshots } from './snapshots/0001-snapshots.ts'
import { views } from './views/0001-views.ts'
import { owners } from './views/0002-owners.ts'

/** Of a store in the schema `schema`, quoted. */
export function storeModules(schema: string): readonly MigrationModule[] {
  return [
    {
      name: 'log',
      dependsOn: ['changes'],
      migrations: [
        log(schema),
        append(schema),
        rewrite(schema),
        commandDetail(schema),
        correlationOrder(schema),
        correlations(schema),
        auditLog(schema),
        oldAudit(schema),
        primary(schema),
        jobTerms(schema),
      ],
    },
    { name: 'changes', migrations: [beginChange(schema)] },
    { name: 'outbox', dependsOn: ['log', 'changes'], migrations: [outbox(schema)] },
    { name: 'jobs', dependsOn: ['log', 'changes'], migrations: [jobs(schema)] },
    { name: 'views', dependsOn: ['log', 'changes'], migrations: [views(schema), owners(schema)] },
    { name: 'snapshots', dependsOn: ['log', 'changes'], migrations: [snapshots(schema)] },
    { name: 'data', dependsOn: ['log', 'changes'], migrations: [objects(schema)] },
    { name: 'cache', dependsOn: ['log'], migrations: [entries(schema)] },
    { name: 'lines', dependsOn: ['log', 'changes'], migrations: [lines(schema)] },
    { name: 'seen', dependsOn: ['log', 'changes'], migrations: [seen(schema)] },
    { name: 'leases', dependsOn: ['changes'], migrations: [leases(schema)] },
    { name: 'keys', dependsOn: ['log', 'changes'], migrations: [keys(schema)] },
    { name: 'credentials', dependsOn: ['log', 'changes'], migrations: [credentials(schema)] },
  ]
}

/** Of views that lie apart from their app's store: what they stand on, and nothing else. The tables of the log stay empty. */
export function viewModules(schema: string): readonly MigrationModule[] {
  return storeModules(schema).filter(({ name }) => ['log', 'changes', 'views'].includes(name))
}

/** Of a command log of its own. */
export function commandLogModules(schema: string): readonly MigrationModule[] {
  return [
    { name: 'changes', migrations: [beginChange(schema)] },
    { name: 'command-log', dependsOn: ['changes'], migrations: [records(schema)] },
  ]
}
