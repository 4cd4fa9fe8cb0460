// What a key's schema says of a value, whatever the schema does: it may throw with the value in its words, or answer later.
import type { Issue } from '../schema/schema.ts'
import type { ConfigKey } from './keys.ts'

export function answerOf(
  { schema }: ConfigKey,
  value: unknown,
): { readonly value: unknown } | { readonly issues: readonly Issue[] } {
  try {
    const validation = schema['~standard'].validate(value)
    if (validation instanceof Promise) {
      void validation.catch(() => undefined)
      return { issues: [{ message: 'expected a schema that answers at once' }] }
    }
    return validation.issues === undefined ? { value: validation.value } : { issues: validation.issues }
  } catch {
    return { issues: [{ message: 'expected a value that its schema can check' }] }
  }
}
