// Canonical JSON: keys sorted by code unit, no white space. Equal values have equal text; used for comparison only.

/** Canonical text of a JSON value; `undefined` fields are absent, as in JSON. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'null'
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return value
  const source = value as Record<string, unknown>
  // A null prototype, so that a field named __proto__ stays a field.
  const target = Object.create(null) as Record<string, unknown>
  for (const key of Object.keys(source).toSorted()) target[key] = sorted(source[key])
  return target
}
