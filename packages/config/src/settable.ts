// Which references to secrets administrators may set through the API: those that a list names, and no others.
import { checkOptions } from '@gesta/core/host'

export interface SettableOptions {
  /**
   * References that administrators may set by `Config.Set`, each what follows `secret:<name>:`. One that ends with `/`, `_` or `#` is for all
   * that begin with it, any other for itself alone. Default: none.
   */
  readonly settable?: readonly string[] | undefined
}

/** Whether the list names it. Errors: plain ones, for a list that is none. */
export function settableOf({ settable = [] }: SettableOptions, where: string): (reference: string) => boolean {
  if (!Array.isArray(settable) || settable.some((one) => typeof one !== 'string' || one === ''))
    throw new Error(`Expected settable of ${where} to be a list of texts, such as ["/run/secrets/shop/"].`)
  const isOf = (reference: string, one: string): boolean =>
    reference === one || (/[/_#]$/.test(one) && reference.startsWith(one))
  return (reference) => settable.some((one) => isOf(reference, one))
}

/** Errors: plain ones. */
export function settableOptions(options: SettableOptions, where: string): (reference: string) => boolean {
  checkOptions(options, ['settable'], where)
  return settableOf(options, where)
}
