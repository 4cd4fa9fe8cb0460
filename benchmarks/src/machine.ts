// What a figure was measured on; a figure without it says nothing.
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { isInMemory } from './scratch.ts'

export interface Machine {
  readonly cores: string
  readonly memory: string
  readonly system: string
  readonly node: string
  readonly disk: string
}

/** The machine, with the disk that holds `path`. */
export function describeMachine(path: string): Machine {
  return {
    cores: `${availableParallelism()} (${cpus()[0]?.model.trim() ?? 'unknown processor'})`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release()}`,
    node: process.version,
    disk: isInMemory(path) ? 'none: the files lie in memory' : diskOf(path),
  }
}

/** File system and device on Linux, else the platform's name for "do not know". */
function diskOf(path: string): string {
  try {
    const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
    const [device = '', , fileSystem = ''] =
      mounts
        .map((line) => line.split(' '))
        .filter(([, at = '/none']) => isBelow(path, at))
        .sort(([, a = ''], [, b = '']) => b.length - a.length)[0] ?? []
    return `${fileSystem} on ${device}${kindOf(device)}`
  } catch {
    return 'unknown kind of disk'
  }
}

function isBelow(path: string, mountPoint: string): boolean {
  return mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`)
}

function kindOf(device: string): string {
  try {
    const name = device.replace(/^\/dev\//, '')
    // A virtual disk says nothing true about what turns below it.
    if (/^x?vd/.test(name)) return ' (virtual)'
    return readFileSync(`/sys/block/${name}/queue/rotational`, 'utf8').trim() === '1'
      ? ' (rotating)'
      : ' (not rotating)'
  } catch {
    return ''
  }
}
