// What is untidy about an invoice that was accepted all the same. The names are those of the README's rule table.
import type { InvoiceCommand } from '../src/import/command-of.ts'
import type { Target } from '../src/import/target.ts'
import { isGoods } from '../src/product/goods.ts'

export function traitsOf({ type, data }: InvoiceCommand): string[] {
  const { lines, customerId } = data
  const charges = lines.filter(({ code }) => !isGoods(code))
  const traits = {
    sale: type === 'Order.Place',
    'return with an earlier sale': type === 'Order.Return',
    'guest order': customerId === null,
    'repeated stock code': new Set(lines.map(({ code }) => code)).size < lines.length,
    'free line beside priced ones': lines.some(({ pence }) => pence === 0),
    'charge beside goods': charges.length > 0,
    'two times': new Set(lines.map(({ at }) => at)).size > 1,
  }
  return Object.entries(traits).flatMap(([trait, has]) => (has ? [trait] : []))
}

/** A target that also counts the traits of what it accepts. */
export function countingTraits(target: Target): Target & { readonly accepted: { readonly [trait: string]: number } } {
  const accepted: Record<string, number> = {}
  return {
    ...target,
    accepted,
    send: async (command, options) => {
      const decided = await target.send(command, options)
      if (decided.accepted) for (const trait of traitsOf(command)) accepted[trait] = (accepted[trait] ?? 0) + 1
      return decided
    },
  }
}
