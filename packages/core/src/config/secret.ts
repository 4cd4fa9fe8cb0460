// A secret value: it can be used where it is asked for by name, and says nothing wherever something is printed.

const hidden = '(secret)'
/** The name by which Node asks an object what to print; the same symbol everywhere. */
const inspected = Symbol.for('nodejs.util.inspect.custom')

/**
 * A value that nothing prints: JSON, templates, `console.log` and errors show `(secret)`. `reveal()` gives the value; keep it no
 * longer than it takes to use it. Reference: docs/reference/configuration.md.
 */
export class Secret<T> {
  // Private to the language, so that no inspection, copy or spread sees it.
  readonly #value: T

  constructor(value: T) {
    this.#value = value
    Object.defineProperty(this, inspected, { value: () => hidden })
    Object.freeze(this)
  }

  reveal(): T {
    return this.#value
  }

  toString(): string {
    return hidden
  }

  toJSON(): string {
    return hidden
  }
}

/** The value behind a secret; anything else as it is. For comparing, inside of the configuration alone. */
export function revealed(value: unknown): unknown {
  return value instanceof Secret ? value.reveal() : value
}
