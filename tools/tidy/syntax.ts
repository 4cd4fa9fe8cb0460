// What the rules want to know about a TypeScript file, taken from its syntax tree so that comments and texts do not count.

import { posix } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'
import type { VisitorObject } from 'oxc-parser'
import type { File } from '../workspace.ts'

export interface Import {
  /** As written: `node:crypto`, `@gesta/core/ports`, `../time/clock.ts`. */
  readonly specifier: string
  /** For a relative specifier, the imported file from the workspace's root. */
  readonly path: string | undefined
  /** True when nothing of it is left at run time. */
  readonly typeOnly: boolean
  readonly names: readonly string[]
}

type Parsed = ReturnType<typeof parseSync>

const parsed = new WeakMap<File, Parsed>()

export const isTypeScript = (file: File): boolean => file.path.endsWith('.ts')

/** Production sources of packages. */
export const isSource = (file: File): boolean => /^packages\/[^/]+\/src\/.*\.ts$/.test(file.path)

export function importsOf(file: File): Import[] {
  const { module } = parse(file)
  const found: Import[] = []
  const add = (specifier: string, typeOnly: boolean, names: readonly string[]): void => {
    const path = specifier.startsWith('.') ? posix.join(posix.dirname(file.path), specifier) : undefined
    found.push({ specifier, path, typeOnly, names })
  }
  for (const { moduleRequest, entries } of module.staticImports) {
    const names = entries.map(({ importName }) => importName.name ?? '*')
    add(moduleRequest.value, entries.length > 0 && entries.every(({ isType }) => isType), names)
  }
  for (const { entries } of module.staticExports) {
    const specifier = entries[0]?.moduleRequest?.value
    const names = entries.map(({ importName }) => importName.name ?? '*')
    if (specifier !== undefined)
      add(
        specifier,
        entries.every(({ isType }) => isType),
        names,
      )
  }
  visit(file, {
    ImportExpression: ({ source }) => {
      if (source.type === 'Literal' && typeof source.value === 'string') add(source.value, false, ['*'])
    },
    TSImportType: ({ source }) => add(source.value, true, ['*']),
  })
  return found
}

export function visit(file: File, visitor: VisitorObject): void {
  new Visitor(visitor).visit(parse(file).program)
}

/** `path:line`, as editors and terminals link it. */
export function place(file: File, offset: number): string {
  return `${file.path}:${file.text.slice(0, offset).split('\n').length}`
}

function parse(file: File): Parsed {
  const known = parsed.get(file)
  if (known) return known
  const fresh = parseSync(file.path, file.text)
  parsed.set(file, fresh)
  return fresh
}
