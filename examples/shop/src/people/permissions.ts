// What groups of the shop may do beyond what everybody may. Everything has an entry in its domain; here stands who holds it.
import type { DirectoryGroup } from '@gesta/core'

/** Gives back what somebody else bought: a permission that no command has of itself. */
export const returnForOthers = 'Order.ReturnForOthers'

export const groups: { readonly [id: string]: DirectoryGroup } = {
  /** Puts the names of products right. */
  warehouse: { permissions: ['Product.Describe'] },
  /** What the warehouse may, and looking after customers. */
  office: { permissions: ['Customer.Get', returnForOthers], groups: ['warehouse'] },
}
