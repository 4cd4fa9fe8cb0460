// The table of commands, in the order in which help lists them.
import type { Command } from './command.ts'
import { auditCheckpoint } from './commands/audit-checkpoint.ts'
import { auditExport } from './commands/audit-export.ts'
import { auditList } from './commands/audit-list.ts'
import { auditVerify } from './commands/audit-verify.ts'
import { config } from './commands/config.ts'
import { configChanges } from './commands/config-changes.ts'
import { commandList } from './commands/command-list.ts'
import { commandPurge } from './commands/command-purge.ts'
import { commandRedact } from './commands/command-redact.ts'
import { commandReissue } from './commands/command-reissue.ts'
import { commandShow } from './commands/command-show.ts'
import { cronActions, cronList } from './commands/crons.ts'
import { handlers } from './commands/handlers.ts'
import { jobsActions } from './commands/jobs-actions.ts'
import { jobsList } from './commands/jobs-list.ts'
import { jobsShow } from './commands/jobs-show.ts'
import { permissionsExplain } from './commands/permissions-explain.ts'
import { permissionsList } from './commands/permissions-list.ts'
import { queueActions, queueList } from './commands/queues.ts'
import { readModelActions } from './commands/read-model-actions.ts'
import { readModelDiscard } from './commands/read-model-discard.ts'
import { readModelList } from './commands/read-model-list.ts'
import { readModelParked } from './commands/read-model-parked.ts'
import { readModelRestore } from './commands/read-model-restore.ts'
import { readModelRetry } from './commands/read-model-retry.ts'
import { readModelShow } from './commands/read-model-show.ts'
import { schema } from './commands/schema.ts'
import { storeFork } from './commands/store-fork.ts'
import { storeInfo } from './commands/store-info.ts'
import { trace } from './commands/trace.ts'
import { verifyReadModel } from './commands/verify-read-model.ts'
import { viewsList } from './commands/views-list.ts'
import { viewsRemove } from './commands/views-remove.ts'

export const commands: readonly Command[] = [
  storeInfo,
  storeFork,
  viewsList,
  viewsRemove,
  verifyReadModel,
  readModelList,
  readModelShow,
  ...readModelActions,
  readModelRestore,
  readModelParked,
  readModelRetry,
  readModelDiscard,
  trace,
  commandList,
  commandShow,
  commandReissue,
  commandRedact,
  commandPurge,
  jobsList,
  jobsShow,
  ...jobsActions,
  queueList,
  ...queueActions,
  cronList,
  ...cronActions,
  auditList,
  auditExport,
  auditCheckpoint,
  auditVerify,
  permissionsList,
  permissionsExplain,
  handlers,
  schema,
  ...config,
  ...configChanges,
]
