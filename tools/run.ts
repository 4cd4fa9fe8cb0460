// Runs a program of the toolchain and ends this process with it when it fails.

import { spawnSync } from 'node:child_process'

export function run(program: string, options: readonly string[], cwd?: string): void {
  // The shell finds node_modules/.bin/*.cmd on Windows; npm has put that folder on the path.
  const { status } = spawnSync(program, options, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...(cwd !== undefined && { cwd }),
  })
  if (status !== 0) {
    console.error(`${program} ${options.join(' ')} failed.`)
    process.exit(1)
  }
}
