// JSON that jsonb cannot hold, or not as JavaScript reads it: NUL and lone surrogates, and numbers beyond doubles. Rows with any of it
// have a second form beside their exact text, in which texts keep their order and their differences. Searches compare that form.

/** Any escape by number; the character that begins a changed text; exponents of three digits, and as many digits as that. */
const needsForm = /\\u|\ud7ff|[eE][+-]?\d{3}|\d{300}/
const [firstLead, lastLead] = ['\u0001', '\ud7ff']
// oxlint-disable-next-line no-control-regex
const changed = /[\0\u0001\ud7ff]|\p{Surrogate}/gu

/** A text of a filter, or a step of its path, as rows have it. Greater texts stay greater, and different ones different. */
export function comparable(text: string): string {
  return text.replace(changed, (character) => {
    if (character === '\0') return `${firstLead}\u0001`
    if (character === firstLead) return `${firstLead}\u0002`
    if (character === lastLead) return `${lastLead}\u0001`
    // Lone surrogates lie behind the last character before them, in their order.
    return lastLead + String.fromCharCode(2 + character.charCodeAt(0) - 0xd800)
  })
}

/** The form that searches compare; absent for JSON text that can be cast to jsonb as it is. */
export function contentOf(text: string): string | undefined {
  if (!needsForm.test(text)) return undefined
  return JSON.stringify(comparableValue(JSON.parse(text)))
}

function comparableValue(value: unknown): unknown {
  if (typeof value === 'string') return comparable(value)
  if (typeof value === 'number') return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value))
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(comparableValue)
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [comparable(name), comparableValue(item)]))
}
