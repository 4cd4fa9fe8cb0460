// Prepared statements whose texts come about as they are asked for: the last ones used are kept, so that texts of any number need no
// memory without bound.
import type { Statement } from './database.ts'

const keptMax = 200

/** Prepares a text when it is not kept. What `prepare` throws is thrown, and nothing is kept of it. */
export function keptStatements(prepare: (text: string) => Statement): (text: string) => Statement {
  const kept = new Map<string, Statement>()
  return (text) => {
    const statement = kept.get(text) ?? prepare(text)
    // Put behind all others, so that the first one is the one that was not used for the longest time.
    kept.delete(text)
    kept.set(text, statement)
    for (const oldest of kept.keys()) {
      if (kept.size <= keptMax) break
      kept.delete(oldest)
    }
    return statement
  }
}
