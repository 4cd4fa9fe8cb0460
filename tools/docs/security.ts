// docs/reference/security.md: each requirement of a standard with its state. What is met names what shows it, as claims do; what is not says why.

import { missingProofs } from './claims.ts'
import type { Rule } from '../tidy/rule.ts'
import { tableRowsOf } from './markdown.ts'

const page = 'docs/reference/security.md'
const shown = ['met', 'partly']
const states = [...shown, 'not met', 'yours', 'nothing here']
const number = /^\d+\.\d+\.\d+(?: to \d+\.\d+\.\d+)?$/

export const securityIsShown: Rule = (files) => {
  const text = files.find(({ path }) => path === page)?.text
  if (text === undefined) return []
  const rows = tableRowsOf(text).filter(([first = '']) => number.test(first))
  const seen = new Set<string>()
  return rows.flatMap(([requirement = '', , , state = '', why = '']) => {
    const at = `${page}: ${requirement}`
    const repeated = seen.has(requirement) ? [`${at} stands there twice.`] : []
    seen.add(requirement)
    if (!states.includes(state)) return [...repeated, `${at}: expected one of ${states.join(', ')}, found "${state}".`]
    if (why === '') return [...repeated, `${at} says neither what shows it nor why not.`]
    if (shown.includes(state) && !why.includes('`')) return [...repeated, `${at}: nothing shows that it is ${state}.`]
    return [...repeated, ...missingProofs(why, files).map((what) => `${at} is shown by ${what}.`)]
  })
}
