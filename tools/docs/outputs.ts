// Runs the examples that were written for the docs, and those whose output the docs show; compares what they print.

import { spawnSync } from 'node:child_process'
import { root } from '../workspace.ts'
import type { Example } from './examples.ts'

export function differentOutputs(examples: readonly Example[], folder: string = root): string[] {
  return examples.flatMap(({ markdown, line, path, output }) => {
    if (output === undefined && !path.startsWith('docs/')) return []
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=gesta-source', path], {
      cwd: folder,
      encoding: 'utf8',
    })
    if (status !== 0) return [`${markdown}:${line}: ${path} ended with ${status}.\n${stderr}`]
    const same = output === undefined || stdout.trim() === output.trim()
    return same ? [] : [`${markdown}:${line}: ${path} prints something else than the docs show:\n${stdout}`]
  })
}
