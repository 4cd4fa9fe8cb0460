// Where somebody goes on who has signed in. It comes from outside, so it must never lead to another origin.

const lengthMax = 2048

/**
 * Whether a text is a path of this origin and of no other: one slash first, nothing that a browser could read as the name of a host, and
 * only characters that browsers leave alone.
 */
export function isPathHere(text: unknown): text is string {
  if (typeof text !== 'string' || text.length > lengthMax || !/^\/[\x21-\x7e]*$/.test(text)) return false
  const path = text.split(/[?#]/, 1)[0] ?? ''
  return !path.includes('//') && !text.includes('\\')
}

/** The part of a link that says where to go on; empty when that is where everybody goes. */
export function carrying(after: string | undefined): string {
  return after === undefined ? '' : `?after=${encodeURIComponent(after)}`
}
