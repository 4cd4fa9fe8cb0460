// One side of a comparison in a process of its own, where nothing else shapes its code: the accounts app in memory, with or without
// its command log. It does what it is told and answers when it is done.
import { memory } from '@gesta/core'
import { collectGarbage } from '../measure.ts'
import type { Subject } from '../measure.ts'
import { accountsSubject } from '../suites/accounts-subject.ts'
import type { AccountsTask } from './accounts-process.ts'

const [log = '', concurrency = ''] = process.argv.slice(2)
const options = log === 'recorded' ? {} : ({ commandLog: false } as const)
let subject: Subject | undefined

async function done(task: AccountsTask): Promise<void> {
  if (task.do === 'begin') {
    await subject?.[Symbol.asyncDispose]()
    subject = await accountsSubject(memory(), Number(concurrency), false, options)
    return
  }
  collectGarbage()
  await subject?.run(task.first, task.count)
}

process.on('message', (task: AccountsTask) => {
  void done(task).then(() => process.send?.('done'))
})
