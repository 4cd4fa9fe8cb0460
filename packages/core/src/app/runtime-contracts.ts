// The contracts of the runtime domain and of the stores by their names, for whoever asks from inside the process.
import * as asked from '../runtime-domain/contracts.ts'
import { ControlCron, CronListQuery } from '../runtime-domain/crons.ts'
import { ControlJob, QueuedJobListQuery, QueuedJobQuery } from '../runtime-domain/queued-jobs.ts'
import { ControlQueue, QueueListQuery } from '../runtime-domain/queues.ts'
import {
  StoreCacheDeleteCommand,
  StoreCacheInfo,
  StoreCacheRead,
  StoreCacheUpdateCommand,
} from '../runtime-domain/store-cache.ts'
import {
  StoreCommandDeleteCommand,
  StoreCommandInfo,
  StoreCommandRead,
  StoreCommandUpdateCommand,
} from '../runtime-domain/store-commands.ts'
import {
  StoreEventDeleteCommand,
  StoreEventInfo,
  StoreEventRead,
  StoreEventUpdateCommand,
} from '../runtime-domain/store-events.ts'
import {
  StoreLogDeleteCommand,
  StoreLogInfo,
  StoreLogRead,
  StoreLogUpdateCommand,
} from '../runtime-domain/store-logs.ts'
import {
  StoreDataDeleteCommand,
  StoreDataInfo,
  StoreDataRead,
  StoreDataUpdateCommand,
} from '../runtime-domain/store-objects.ts'

/** Reference: docs/reference/runtime.md. */
export const runtimeContracts: {
  readonly PermissionList: typeof asked.PermissionList
  readonly CommandList: typeof asked.CommandList
  readonly QueryList: typeof asked.QueryList
  readonly EventList: typeof asked.EventList
  readonly JobList: typeof asked.JobList
  readonly AggregateList: typeof asked.AggregateList
  readonly ReadModelList: typeof asked.ReadModelList
  readonly StoreList: typeof asked.StoreList
  readonly CommandHandlerList: typeof asked.CommandHandlerList
  readonly QueryHandlerList: typeof asked.QueryHandlerList
  readonly EventHandlerList: typeof asked.EventHandlerList
  readonly SystemInfo: typeof asked.SystemInfoQuery
  readonly Schema: typeof asked.SchemaQuery
  readonly ExplainPermission: typeof asked.ExplainPermission
  readonly Metrics: typeof asked.MetricsQuery
  readonly ControlEventHandler: typeof asked.ControlEventHandler
  readonly QueuedJobList: typeof QueuedJobListQuery
  readonly QueuedJob: typeof QueuedJobQuery
  readonly ControlJob: typeof ControlJob
  readonly QueueList: typeof QueueListQuery
  readonly ControlQueue: typeof ControlQueue
  readonly CronList: typeof CronListQuery
  readonly ControlCron: typeof ControlCron
} = {
  PermissionList: asked.PermissionList,
  CommandList: asked.CommandList,
  QueryList: asked.QueryList,
  EventList: asked.EventList,
  JobList: asked.JobList,
  AggregateList: asked.AggregateList,
  ReadModelList: asked.ReadModelList,
  StoreList: asked.StoreList,
  CommandHandlerList: asked.CommandHandlerList,
  QueryHandlerList: asked.QueryHandlerList,
  EventHandlerList: asked.EventHandlerList,
  SystemInfo: asked.SystemInfoQuery,
  Schema: asked.SchemaQuery,
  ExplainPermission: asked.ExplainPermission,
  Metrics: asked.MetricsQuery,
  ControlEventHandler: asked.ControlEventHandler,
  QueuedJobList: QueuedJobListQuery,
  QueuedJob: QueuedJobQuery,
  ControlJob,
  QueueList: QueueListQuery,
  ControlQueue,
  CronList: CronListQuery,
  ControlCron,
}

/** Reference: docs/reference/runtime.md. */
export const storeContracts: {
  readonly StoreEvent: {
    readonly Info: typeof StoreEventInfo
    readonly Read: typeof StoreEventRead
    readonly Update: typeof StoreEventUpdateCommand
    readonly Delete: typeof StoreEventDeleteCommand
  }
  readonly StoreCommand: {
    readonly Info: typeof StoreCommandInfo
    readonly Read: typeof StoreCommandRead
    readonly Update: typeof StoreCommandUpdateCommand
    readonly Delete: typeof StoreCommandDeleteCommand
  }
  readonly StoreData: {
    readonly Info: typeof StoreDataInfo
    readonly Read: typeof StoreDataRead
    readonly Update: typeof StoreDataUpdateCommand
    readonly Delete: typeof StoreDataDeleteCommand
  }
  readonly StoreCache: {
    readonly Info: typeof StoreCacheInfo
    readonly Read: typeof StoreCacheRead
    readonly Update: typeof StoreCacheUpdateCommand
    readonly Delete: typeof StoreCacheDeleteCommand
  }
  readonly StoreLog: {
    readonly Info: typeof StoreLogInfo
    readonly Read: typeof StoreLogRead
    readonly Update: typeof StoreLogUpdateCommand
    readonly Delete: typeof StoreLogDeleteCommand
  }
} = {
  StoreEvent: {
    Info: StoreEventInfo,
    Read: StoreEventRead,
    Update: StoreEventUpdateCommand,
    Delete: StoreEventDeleteCommand,
  },
  StoreCommand: {
    Info: StoreCommandInfo,
    Read: StoreCommandRead,
    Update: StoreCommandUpdateCommand,
    Delete: StoreCommandDeleteCommand,
  },
  StoreData: {
    Info: StoreDataInfo,
    Read: StoreDataRead,
    Update: StoreDataUpdateCommand,
    Delete: StoreDataDeleteCommand,
  },
  StoreCache: {
    Info: StoreCacheInfo,
    Read: StoreCacheRead,
    Update: StoreCacheUpdateCommand,
    Delete: StoreCacheDeleteCommand,
  },
  StoreLog: {
    Info: StoreLogInfo,
    Read: StoreLogRead,
    Update: StoreLogUpdateCommand,
    Delete: StoreLogDeleteCommand,
  },
}
