// No file imports itself over others. Type-only imports count: a circle of types is as hard to read as one of values.

import type { Rule } from './rule.ts'
import { importsOf, isTypeScript } from './syntax.ts'

export const noCircles: Rule = (files) => {
  const imports = new Map(
    files
      .filter(isTypeScript)
      .map((file) => [file.path, importsOf(file).flatMap(({ path }) => (path === undefined ? [] : [path]))] as const),
  )
  const finished = new Set<string>()
  const circles: string[] = []

  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      circles.push(`Files import each other in a circle: ${[...trail.slice(trail.indexOf(path)), path].join(' -> ')}.`)
      return
    }
    if (finished.has(path)) return
    for (const next of imports.get(path) ?? []) walk(next, [...trail, path])
    finished.add(path)
  }
  for (const path of imports.keys()) walk(path, [])
  return circles
}
