// One check: it runs within its time, and never twice at once, so that what hangs does not pile up.

/** Looks, within `timeoutMs`. Errors: those of the look; plain ones when it takes longer, and at once while an earlier one still does. */
export type Look<Result> = (timeoutMs: number) => Promise<Result>

export function singly<Result>(work: (signal: AbortSignal) => Result | Promise<Result>): Look<Result> {
  /** When what still runs began, RFC 3339. */
  let since: string | undefined
  return async (timeoutMs) => {
    if (since !== undefined) throw new Error(`Still running since ${since}.`)
    since = new Date().toISOString()
    const ending = new AbortController()
    const working = Promise.resolve()
      .then(() => work(ending.signal))
      .finally(() => (since = undefined))
    return new Promise<Result>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`Expected an answer within ${timeoutMs} ms, received none.`))
        ending.abort()
      }, timeoutMs)
      working.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }
}
