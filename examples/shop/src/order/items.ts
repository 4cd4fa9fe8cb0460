// What lines of an invoice come to: goods and charges apart, repeated codes merged, the sum, the time.
import { isGoods } from '../product/goods.ts'
import type { InvoiceLine, Item } from './invoice-line.ts'

/** The till prints lines of one sale a minute apart at most; more than this is no longer one sale. */
const minutesApartMax = 5

/** More than any real invoice has, and so little that no sum of invoices grows beyond what a number counts exactly. */
const piecesMax = 1_000_000
const penceMax = 100_000_000

export interface Items {
  readonly goods: Item[]
  readonly charges: Item[]
}

/** One item per stock code and price, in the order of the invoice; the first description that says something wins. */
export function itemsOf(lines: readonly InvoiceLine[]): Items {
  const merged = new Map<string, Item>()
  for (const { code, description, quantity, pence } of lines) {
    const key = `${code}|${pence}`
    const item = merged.get(key)
    merged.set(key, {
      code,
      description: item?.description || description,
      quantity: (item?.quantity ?? 0) + quantity,
      pence,
    })
  }
  const items = [...merged.values()]
  return { goods: items.filter(({ code }) => isGoods(code)), charges: items.filter(({ code }) => !isGoods(code)) }
}

export function totalPence({ goods, charges }: Items): number {
  return [...goods, ...charges].reduce((sum, { quantity, pence }) => sum + quantity * pence, 0)
}

/** Pieces per stock code, whatever their price. */
export function piecesOf(items: readonly Item[]): { readonly code: string; readonly quantity: number }[] {
  const pieces = new Map<string, number>()
  for (const { code, quantity } of items) pieces.set(code, (pieces.get(code) ?? 0) + quantity)
  return [...pieces].map(([code, quantity]) => ({ code, quantity }))
}

/** Whether a stock code has too many pieces, in all its lines together, or everything costs too much. */
export function isTooMuch(items: Items): boolean {
  const pieces = piecesOf([...items.goods, ...items.charges])
  return pieces.some(({ quantity }) => quantity > piecesMax) || totalPence(items) > penceMax
}

/** Stock codes that the goods list at more than one price; `itemsOf` made one item per code and price. */
export function codesWithTwoPrices(goods: readonly Item[]): string[] {
  const times = Map.groupBy(goods, ({ code }) => code)
  return [...times].filter(([, items]) => items.length > 1).map(([code]) => code)
}

/** The earliest time of the lines. (The format sorts as text.) */
export function earliest(lines: readonly InvoiceLine[]): string {
  return lines.reduce((first, { at }) => (at < first ? at : first), lines[0]?.at ?? '')
}

export function areApart(lines: readonly InvoiceLine[]): boolean {
  // Only a difference is asked for, so it does not matter which zone both times are read in.
  const minutes = lines.map(({ at }) => Date.parse(`${at.replace(' ', 'T')}Z`) / 60_000)
  return Math.max(...minutes) - Math.min(...minutes) > minutesApartMax
}
