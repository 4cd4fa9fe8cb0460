// The view thread: the only place that writes views and plans. It has one connection per file, opened by the first message about it.
import type { ViewName } from '@gesta/core/ports'
import { StatementRefused } from './own-sql.ts'
import { openPlans } from './plan-file.ts'
import type { PlanFile } from './plan-file.ts'
import { serveThread, threadData } from './serve-thread.ts'
import { storeError } from './sqlite-errors.ts'
import { listViews, removeViewFile } from './view-folder.ts'
import type { RefusedStatement, ViewMessage, ViewThreadData } from './view-messages.ts'
import { openViewWriter } from './view-writer.ts'
import type { ViewWriter } from './view-writer.ts'

const { crash } = threadData() as ViewThreadData
const writers = new Map<string, ViewWriter>()
const planFiles = new Map<string, PlanFile>()

function writerOf(path: string, view: ViewName): ViewWriter {
  const writer = writers.get(path) ?? openViewWriter(path, view, crash)
  writers.set(path, writer)
  return writer
}

function plansOf(folder: string, make: boolean): PlanFile | undefined {
  const plans = planFiles.get(folder) ?? openPlans(folder, make)
  if (plans !== undefined) planFiles.set(folder, plans)
  return plans
}

function remove(path: string): void {
  const writer = writers.get(path)
  writers.delete(path)
  writer?.close()
  removeViewFile(path)
}

function answer(message: ViewMessage): unknown {
  const { path } = message
  switch (message.do) {
    case 'flush':
      return writerOf(path, message.view).flush(message.flush, message.again)
    case 'open': {
      const writer = writerOf(path, message.view)
      return message.tables === undefined ? undefined : writer.makeTables(message.tables)
    }
    case 'claim':
      return writerOf(path, message.view).claim(message.fencingToken)
    case 'ask':
      return writerOf(path, message.view).ask(message.request)
    case 'reset':
      return writerOf(path, message.view).reset()
    case 'remove':
      return remove(path)
    case 'views':
      return listViews(path)
    case 'plan':
      return plansOf(path, false)?.plan(message.name, message.modelVersion)
    case 'changePlan':
      return plansOf(path, true)?.change(message.name, message.modelVersion, message.next, message.again)
    case 'removePlan':
      return plansOf(path, false)?.remove(message.name, message.modelVersion)
  }
}

serveThread({
  handle: (given) => {
    const message = given as ViewMessage
    try {
      return answer(message)
    } catch (error) {
      if (error instanceof StatementRefused) return { refused: error.message } satisfies RefusedStatement
      throw storeError(error, message.path)
    }
  },
  close: () => {
    for (const file of [...writers.values(), ...planFiles.values()]) file.close()
  },
})
