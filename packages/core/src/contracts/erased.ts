// What handlers see in the place of a personal field once its subject was erased.

/** The value itself is gone for good. A frozen plain value: in JSON, in a state or in a row it is `{ "erased": true }`. */
export interface Erased {
  readonly erased: true
}

export const erased: Erased = Object.freeze({ erased: true })

/** Whether a value stands for one that was erased, also after it was stored as JSON and read back. Reference: docs/reference/erasure.md. */
export function isErased(value: unknown): value is Erased {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as { readonly erased?: unknown }).erased === true &&
    Object.keys(value).length === 1
  )
}
