// What the shop's processes have in common: a port, an end by a signal, and a sentence for what people can mend.
import { isGestaError } from '@gesta/core'

export function portOf(env: NodeJS.ProcessEnv, portDefault: number, variable = 'PORT'): number {
  const port = Number(env[variable] ?? portDefault)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new RangeError(`Expected ${variable} to be a number from 0 to 65535, received "${env[variable]}".`)
  return port
}

/** The admin address of `ADMIN_PORT`; none without that variable. */
export function adminOf(env: NodeJS.ProcessEnv): { readonly port: number } | undefined {
  return env['ADMIN_PORT'] === undefined ? undefined : { port: portOf(env, 3100, 'ADMIN_PORT') }
}

/** Runs until SIGINT or SIGTERM comes; the work is given the name of the signal, and ends by itself. */
export async function untilStopped(run: (stopped: Promise<string>) => Promise<void>): Promise<void> {
  const stopped = Promise.withResolvers<string>()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stopped.resolve)
  await run(stopped.promise)
}

/** What people can mend gets a sentence, everything else its stack. `command` is what they typed. */
export function sentenceOf(error: unknown, command: string): string {
  if (!(error instanceof Error)) return String(error)
  const { code, syscall, port } = error as Error & { code?: unknown; syscall?: unknown; port?: unknown }
  const another = `${String(port) === process.env['ADMIN_PORT'] ? 'ADMIN_PORT' : 'PORT'}=3005 ${command}`
  if (code === 'EADDRINUSE')
    return `Port ${String(port)} is taken by another process. Stop it, or choose another port: ${another}`
  if (code === 'EACCES' && syscall === 'listen')
    return `This user may not listen on port ${String(port)}. Choose another port: ${another}`
  if (isGestaError(error, 'store_locked'))
    return `${error.message} Stop that process, or choose another folder: DATA_DIR=./other ${command}`
  return isGestaError(error) || error instanceof RangeError ? error.message : (error.stack ?? error.message)
}
