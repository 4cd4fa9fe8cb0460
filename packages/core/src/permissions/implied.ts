// What permissions imply, followed to the end.

/** For each name, every other name that it implies, directly or through others, sorted. A circle adds nothing. */
export function impliedBy(direct: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const name of direct.keys()) {
    const seen = new Set([name])
    // Grows while it is walked.
    for (const one of seen) for (const other of direct.get(one) ?? []) seen.add(other)
    seen.delete(name)
    found.set(name, [...seen].sort())
  }
  return found
}
