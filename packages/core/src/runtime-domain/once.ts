// Effects that no commit takes back are done once for each command, however often the command is decided.

/**
 * `act` runs once per input object: the engine hands every attempt of one command the same one, and none to two commands. What the first
 * run came to is what the others come to.
 */
export function once<Input extends object, Context, Result>(
  act: (input: Input, context: Context) => Promise<Result>,
): (input: Input, context: Context) => Promise<Result> {
  const done = new WeakMap<Input, Promise<Result>>()
  return (input, context) => {
    const known = done.get(input)
    if (known !== undefined) return known
    const doing = act(input, context)
    done.set(input, doing)
    return doing
  }
}
