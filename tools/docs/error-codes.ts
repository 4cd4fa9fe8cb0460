// docs/reference/errors.md lists exactly the codes of core: each in backticks, first in a table row or a heading.

import { parseSync, Visitor } from 'oxc-parser'
import type { Rule } from '../tidy/rule.ts'

const page = 'docs/reference/errors.md'
const source = 'packages/core/src/errors/codes.ts'

export const errorCodesAreDocumented: Rule = (files) => {
  const markdown = files.find(({ path }) => path === page)
  const codes = codesIn(files.find(({ path }) => path === source)?.text ?? '')
  if (!markdown) return [`${page} is missing.`]
  if (codes.length === 0) return [`${source} defines no codes.`]
  const documented = [...markdown.text.matchAll(/^(?:\| *|#+ +)`([a-z_]+)`/gm)].map((match) => match[1] ?? '')
  return [
    ...codes.filter((code) => !documented.includes(code)).map((code) => `${page} does not list ${code}.`),
    ...documented
      .filter((code) => !codes.includes(code))
      .map((code) => `${page} lists ${code}, which ${source} does not define.`),
    ...documented
      .filter((code, index) => documented.indexOf(code) < index)
      .map((code) => `${page} lists ${code} twice.`),
  ]
}

/** The keys of `export const codes = { ... }`. */
function codesIn(text: string): string[] {
  const codes: string[] = []
  new Visitor({
    VariableDeclarator: ({ id, init }) => {
      const object = init?.type === 'TSAsExpression' || init?.type === 'TSSatisfiesExpression' ? init.expression : init
      if (id.type !== 'Identifier' || id.name !== 'codes' || object?.type !== 'ObjectExpression') return
      for (const property of object.properties) {
        if (property.type === 'Property' && property.key.type === 'Identifier') codes.push(property.key.name)
      }
    },
  }).visit(parseSync(source, text).program)
  return codes
}
