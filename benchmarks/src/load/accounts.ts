// One side of a comparison in a process of its own, where nothing else shapes its code: the accounts app in memory, on one
// side of what is compared. It does what it is told and answers when it is done.
import { memory } from '@gesta/core'
import { collectGarbage } from '../measure.ts'
import type { Subject } from '../measure.ts'
import { accountsSubject, membersSubject } from '../suites/accounts-subject.ts'
import type { AccountsSide, AccountsTask } from './accounts-process.ts'

const [side = '', lanes = ''] = process.argv.slice(2)
const concurrency = Number(lanes)
const sides: { readonly [side in AccountsSide]: () => Promise<Subject> } = {
  recorded: () => accountsSubject(memory(), concurrency, false),
  bare: () => accountsSubject(memory(), concurrency, false, { commandLog: false }),
  checked: () => membersSubject(memory(), concurrency, { level: 'authorized' }),
  unchecked: () => membersSubject(memory(), concurrency, { level: 'anonymous' }),
}
let subject: Subject | undefined

async function done(task: AccountsTask): Promise<void> {
  if (task.do === 'begin') {
    await subject?.[Symbol.asyncDispose]()
    subject = await sides[side as AccountsSide]()
    return
  }
  collectGarbage()
  await subject?.run(task.first, task.count)
}

process.on('message', (task: AccountsTask) => {
  void done(task).then(() => process.send?.('done'))
})
