// How many pieces of a stock code left the shelf and came back, by what the shop announced.
import { aggregate, event } from '@gesta/core'
import { z } from 'zod'

const moved = z.object({ orderId: z.string(), quantity: z.int().positive() })

export const Left = event('Stock.Left', moved)
export const CameBack = event('Stock.CameBack', moved)

export interface StockState {
  readonly left: number
  readonly cameBack: number
}

export const Stock = aggregate('Stock', (): StockState => ({ left: 0, cameBack: 0 }))
  .on(Left, (stock, { quantity }) => ({ ...stock, left: stock.left + quantity }))
  .on(CameBack, (stock, { quantity }) => ({ ...stock, cameBack: stock.cameBack + quantity }))
