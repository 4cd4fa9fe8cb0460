// The command `shop:import`: reads its arguments, runs the import, says how it went.
import { stat } from 'node:fs/promises'
import { isGestaError } from '@gesta/core'
import { readArguments, Usage, usage } from './arguments.ts'
import type { ImportArguments } from './arguments.ts'
import { embedded } from './embedded.ts'
import { createProgress } from './progress.ts'
import { NotInvoices } from './read-rows.ts'
import { runImport } from './run-import.ts'
import { GaveUp } from './send-until-decided.ts'
import { server } from './server.ts'
import { summaryOf } from './summary.ts'

const fileProblems = ['ENOENT', 'EACCES', 'EISDIR', 'EPERM']

process.exitCode = await main()

async function main(): Promise<number> {
  try {
    const given = readArguments(process.argv.slice(2), process.env)
    if (given !== undefined) return await importFile(given)
    console.log(usage)
    return 0
  } catch (error) {
    console.error(error instanceof Usage ? `${error.message}\n\n${usage}` : sentenceOf(error))
    return exitCodeOf(error)
  }
}

async function importFile({ file, url, dataDir, concurrency, patienceMs }: ImportArguments): Promise<number> {
  const { size } = await stat(file)
  const signal = stopOnSignal()
  await using target = url === undefined ? await embedded(dataDir) : server(url)
  console.log(`Importing ${file} into ${target.name}`)
  const progress = createProgress(process.stderr, size)
  const begin = performance.now()
  try {
    const tally = await runImport({
      file,
      target,
      concurrency,
      patienceMs,
      signal,
      onProgress: progress.show,
      onTrouble: ({ problem, ...where }) => {
        const line = 'lineNumber' in where ? `line ${where.lineNumber}: ` : ''
        progress.say(`${line}invoice ${where.invoiceNo ?? 'without a number'} ${problem}`)
      },
    })
    progress.end()
    console.log(summaryOf(tally, (performance.now() - begin) / 1_000))
    if (!signal.aborted) return tally.unreadable > 0 || tally.failed.size > 0 ? 6 : 0
    console.log('Interrupted. Run the same import again: it goes on where it stopped.')
    return 130
  } finally {
    progress.end()
  }
}

/** The first signal ends the import in order, the second one at once. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort()
    })
  }
  return controller.signal
}

function exitCodeOf(error: unknown): number {
  if (error instanceof Usage) return 2
  if (error instanceof NotInvoices || fileProblems.includes(systemCodeOf(error))) return 3
  if (error instanceof GaveUp) return 5
  return isGestaError(error) && error.code.startsWith('store_') ? 4 : 1
}

function sentenceOf(error: unknown): string {
  if (isGestaError(error, 'store_locked'))
    return `${error.message} To import while the server runs, go through it: --url http://localhost:3000`
  if (error instanceof Error && exitCodeOf(error) !== 1) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function systemCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
