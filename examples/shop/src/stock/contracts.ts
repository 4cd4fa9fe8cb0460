// What the stock can be told and asked.
import { command, query } from '@gesta/core'
import { z } from 'zod'
import { stockCode } from '../order/invoice-line.ts'

const items = z.array(z.object({ code: stockCode, quantity: z.int().positive() })).min(1)

export const send = command('Stock.Send', { input: z.object({ orderId: z.string(), items }) })
export const takeBack = command('Stock.TakeBack', { input: z.object({ orderId: z.string(), items }) })

export const get = query('Stock.Get', {
  input: z.object({ code: stockCode }),
  result: z.object({ code: z.string(), left: z.int(), cameBack: z.int() }).nullable(),
})
