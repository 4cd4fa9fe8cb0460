// Constructs that the project does without. The lint rules say most of this too, but can be switched off in a comment.

import type { File } from '../workspace.ts'
import type { Rule } from './rule.ts'
import { isSource, isTypeScript, place, visit } from './syntax.ts'

export const noAny: Rule = (files) =>
  files
    .filter(isTypeScript)
    .flatMap((file) =>
      found(file, (report) => ({ TSAnyKeyword: report })).map((where) => `${where} uses any. Use unknown.`),
    )

/** The one value of a configuration has no other name: the command gesta looks for it. */
export const noDefaultExports: Rule = (files) =>
  files
    .filter((file) => isTypeScript(file) && !/(?:^|\/)gesta\.config\.ts$/.test(file.path))
    .flatMap((file) =>
      found(file, (report) => ({ ExportDefaultDeclaration: report })).map((where) => `${where} has a default export.`),
    )

export const exportsAreNamed: Rule = (files) =>
  files
    .filter(isTypeScript)
    .flatMap((file) =>
      found(file, (report) => ({ ExportAllDeclaration: report })).map(
        (where) => `${where} exports *. Name what is exported.`,
      ),
    )

export const sourcesDoNotPrint: Rule = (files) =>
  files.filter(isSource).flatMap((file) =>
    found(file, (report) => ({
      MemberExpression: ({ object, start }) => {
        if (object.type === 'Identifier' && object.name === 'console') report({ start })
      },
    })).map((where) => `${where} prints to the console. Packages report through their hooks.`),
  )

function found(
  file: File,
  visitor: (report: (node: { start: number }) => void) => Parameters<typeof visit>[1],
): string[] {
  const places: string[] = []
  visit(
    file,
    visitor((node) => void places.push(place(file, node.start))),
  )
  return places
}
