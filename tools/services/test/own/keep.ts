// Keeps a program that never ends, tells its process id and folder, and waits to be killed.
import { readFileSync } from 'node:fs'
import { createKeeper } from '../../src/own/keeper.ts'
import { until } from '../until.ts'

const keeper = await createKeeper('gesta-kept-', 'SIGKILL')
keeper.run({ program: process.execPath, args: ['--eval', 'console.log(process.pid); setInterval(() => {}, 1000)'] })
const log = `${keeper.folder}/log`
await until('the program has said its process id', () => readFileSync(log, 'utf8').endsWith('\n'))
console.log(JSON.stringify({ folder: keeper.folder, pid: Number(readFileSync(log, 'utf8')) }))
setInterval(() => undefined, 1000)
