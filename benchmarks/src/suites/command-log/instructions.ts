// What recording costs a command in memory, in instructions: by the processor's counter where it may be read, else by valgrind.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { rowOf } from '../../row.ts'
import type { Suite } from '../suite.ts'

export const instructions: Suite = async function* ({ countedCommands }) {
  if (countedCommands === 0) return
  const recorded = await perCommand('recorded', countedCommands)
  const bare = await perCommand('bare', countedCommands)
  if (recorded === undefined || bare === undefined) {
    console.error('Instructions are not counted here: perf may not read the counter, and there is no valgrind.')
    return
  }
  yield rowOf('command-log', 'overhead memory, instructions per command', 'none', {
    perSec: recorded,
    limitPerSec: bare,
    ratio: recorded / bare,
    p50us: undefined,
    p99us: undefined,
  })
}

/** Of warm code: what three times as many commands take beyond the first third, which includes start and compilation. */
async function perCommand(log: 'recorded' | 'bare', commands: number): Promise<number | undefined> {
  const fewer = await count([log, String(commands)])
  const more = await count([log, String(commands * 3)])
  return fewer === undefined || more === undefined ? undefined : (more - fewer) / (commands * 2)
}

async function count(given: readonly string[]): Promise<number | undefined> {
  const repeater = fileURLToPath(new URL('../../load/repeater.ts', import.meta.url))
  const command = [process.execPath, ...process.execArgv, repeater, ...given]
  for (const { program, options, counted } of counters) {
    const told = await run(program, [...options, ...command]).catch(() => undefined)
    const found = told && counted.exec(told.stderr)?.[1]
    if (found) return Number(found.replaceAll(',', ''))
  }
  return undefined
}

const run = promisify(execFile)

const counters: readonly { readonly program: string; readonly options: readonly string[]; readonly counted: RegExp }[] =
  [
    { program: 'perf', options: ['stat', '-x', ';', '-e', 'instructions:u', '--'], counted: /^(\d+);/m },
    {
      program: 'valgrind',
      options: ['--tool=cachegrind', '--cache-sim=no', '--cachegrind-out-file=/dev/null', '--smc-check=all-non-file'],
      counted: /I +refs: +([\d,]+)/,
    },
  ]
