// References to secrets, as they stand in a source: `secret:<provider>:<place>`.

const prefix = 'secret:'

/** Whether a value refers to a secret, such as `secret:env:NAME`. */
export function isReference(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(prefix)
}
