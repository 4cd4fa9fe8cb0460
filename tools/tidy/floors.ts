// The floors of packages/core/src: a folder imports itself and lower floors; inside a floor only along a chain.

import type { Rule } from './rule.ts'
import { importsOf, isTypeScript } from './syntax.ts'

interface Floor {
  readonly folders: readonly string[]
  /** Inside the floor a folder may import those before it in a chain, and nothing else. */
  readonly chains: readonly (readonly string[])[]
}

const floors: readonly Floor[] = [
  {
    folders: ['errors', 'time', 'ids', 'schema', 'codec'],
    chains: [
      ['errors', 'time', 'ids'],
      ['errors', 'schema', 'codec'],
    ],
  },
  {
    folders: ['request-context', 'contracts', 'observation', 'registry'],
    chains: [['request-context', 'contracts', 'observation', 'registry']],
  },
  { folders: ['stores', 'migrations'], chains: [['migrations', 'stores']] },
  {
    folders: ['aggregates', 'read-models', 'process-managers'],
    chains: [['aggregates', 'read-models', 'process-managers']],
  },
  {
    folders: ['dispatch', 'queue', 'pump', 'delivery'],
    chains: [
      ['dispatch', 'queue'],
      ['dispatch', 'pump', 'delivery'],
    ],
  },
  {
    folders: ['permissions', 'command-log', 'idempotency', 'audit', 'cache', 'config', 'erasure'],
    chains: [['command-log', 'audit']],
  },
  { folders: ['runtime-domain', 'operations'], chains: [] },
  { folders: ['app'], chains: [] },
]

const core = 'packages/core/src/'
const upTo = (floor: number): string[] => floors.slice(0, floor + 1).flatMap(({ folders }) => folders)

/** Folders and files beside the floors, and what they may import. */
const besideFloors: Readonly<Record<string, readonly string[]>> = {
  conformance: upTo(4),
  testing: upTo(7),
  'ports.ts': upTo(2),
  'cbor.ts': upTo(2),
  'registry.ts': upTo(7),
  'host.ts': upTo(7),
  'index.ts': upTo(7),
}

export const floorsHold: Rule = (files) =>
  files
    .filter((file) => file.path.startsWith(core) && isTypeScript(file))
    .flatMap((file) => {
      const from = place(file.path)
      const allowed = allowedFor(from)
      if (!allowed) return [`${file.path}: ${from} is on no floor. Add it to tools/tidy/floors.ts or put it elsewhere.`]
      return importsOf(file)
        .filter(({ path }) => path?.startsWith(core) && ![from, ...allowed].includes(place(path)))
        .map(
          ({ specifier }) =>
            `${file.path} imports ${specifier}: ${from} may import ${allowed.join(', ') || 'nothing'}.`,
        )
    })

/** The first segment below core's src: a folder, or one of the files beside the folders. */
const place = (path: string): string => path.slice(core.length).split('/')[0] ?? ''

function allowedFor(from: string): readonly string[] | undefined {
  const floor = floors.findIndex(({ folders }) => folders.includes(from))
  if (floor < 0) return besideFloors[from]
  const before = (floors[floor]?.chains ?? []).flatMap((chain) => chain.slice(0, Math.max(0, chain.indexOf(from))))
  return [...upTo(floor - 1), ...new Set(before)]
}
