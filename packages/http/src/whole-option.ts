// Options that are whole numbers within bounds.

export type WholeOption = (name: string, value: number, min: number, max: number) => number

/** Reads the options of a function, `where`. Errors: a plain one for a number out of bounds. */
export function wholeOption(where: string): WholeOption {
  return (name, value, min, max) => {
    if (Number.isInteger(value) && value >= min && value <= max) return value
    throw new Error(`${where}: expected ${name} to be a whole number from ${min} to ${max}, received ${String(value)}.`)
  }
}
