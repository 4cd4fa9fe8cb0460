// Options are validated once: an unknown key is refused with the name that was probably meant.

/** Throws a plain error (a programmer's mistake, at set-up) when `options` has a key that is not in `known`. */
export function checkOptions(options: object, known: readonly string[], where: string): void {
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue
    const near = closest(key, known)
    const hint = near === undefined ? `Known options: ${known.join(', ')}.` : `Did you mean "${near}"?`
    throw new Error(`${where} has no option "${key}". ${hint}`)
  }
}

/** The candidate within an edit distance of 2, or `undefined`. */
export function closest(text: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = 3
  for (const candidate of candidates) {
    const distance = editDistance(text.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
