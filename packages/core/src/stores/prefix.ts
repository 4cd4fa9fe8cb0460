// Texts with one beginning, as a range of an index: from the beginning itself to the first text behind all of them.

/** The first text, by code points, after all that begin with `prefix`; absent when none is. */
export function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0)
  // The last code point has no successor, so the one before it is raised.
  while (points.at(-1) === 0x10_ffff) points.pop()
  const last = points.pop()
  if (last === undefined) return undefined
  // Surrogates are no code points of a text.
  points.push(last + 1 === 0xd800 ? 0xe000 : last + 1)
  return points.map((point) => String.fromCodePoint(point)).join('')
}
