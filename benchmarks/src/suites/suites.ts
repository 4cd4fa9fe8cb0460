// All suites by name.
import { append } from './append.ts'
import { commands } from './commands.ts'
import { history } from './history.ts'
import { http } from './http.ts'
import type { Suite } from './suite.ts'

export const suites: ReadonlyMap<string, Suite> = new Map([
  ['commands', commands],
  ['append', append],
  ['history', history],
  ['http', http],
])
