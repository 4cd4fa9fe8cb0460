// What `serve({ pages })` may be told.
import { checkOptions } from '@gesta/core/host'
import { isPathHere } from './after.ts'

export interface PagesOptions {
  /** What the pages call the app. Default: the app's name. */
  readonly name?: string | undefined
  /** Where people go who have signed in, unless the page they came from says: a path of this server. Default `/identity`. */
  readonly after?: string | undefined
}
export interface PagesSettings {
  readonly name: string | undefined
  readonly after: string
}

/** Errors: plain ones, each a sentence that says what to change. */
export function pagesSettings(options: true | PagesOptions): PagesSettings {
  const { name, after = '/identity' } = options === true ? {} : checked(options)
  if (!isPathHere(after))
    throw new Error(
      `serve: expected pages.after to be a path of this server, such as "/", received ${JSON.stringify(after)}.`,
    )
  return { name, after }
}

function checked(options: PagesOptions): PagesOptions {
  if (typeof options !== 'object' || options === null)
    throw new Error(`serve: expected pages to be true or an object, received ${String(options)}.`)
  checkOptions(options, ['name', 'after'], 'serve({ pages })')
  return options
}
