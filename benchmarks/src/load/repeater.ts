// A process that does as many commands as it is told, in memory, for a counter of instructions around it.
import { memory } from '@gesta/core'
import { accountsSubject } from '../suites/accounts-subject.ts'
import { headersAlone } from '../suites/command-log/overhead.ts'

const [log = '', commands = ''] = process.argv.slice(2)
await using subject = await accountsSubject(memory(), 1, false, log === 'recorded' ? {} : headersAlone)
await subject.run(0, Number(commands))
