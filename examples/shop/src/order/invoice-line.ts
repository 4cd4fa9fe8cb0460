// A line of an invoice as it is sent, and the text formats that order, customer and product share.
import { z } from 'zod'

/** Capital letters: `85123a` and `85123A` are one product. */
export const stockCode = z
  .string()
  .trim()
  .toUpperCase()
  .regex(
    /^[A-Z0-9][A-Z0-9 _-]{0,39}$/,
    'Expected a stock code: letters, digits, blanks, - and _, 40 characters at most.',
  )

export const invoiceNo = z
  .string()
  .regex(/^[A-Z0-9]{1,20}$/, 'Expected an invoice number: capital letters and digits, 20 characters at most.')

export const customerId = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,40}$/, 'Expected a customer id: letters, digits and -, 40 characters at most.')

/** The shop's local time, as its till prints it: no zone, so nothing converts it. */
const localTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/, {
    error: 'Expected a local time like 2010-12-01 08:34:00.',
    abort: true,
  })
  .refine(isInCalendar, 'Expected a time that the calendar and the clock have, like 2010-12-01 08:34:00.')

export const localDay = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, { error: 'Expected a day like 2010-12-01.', abort: true })
  .refine((day) => isInCalendar(`${day} 00:00:00`), 'Expected a day that the calendar has, like 2010-12-01.')

/** Whether there is such a time: 2010-02-30 has the format, and is none. */
export function isInCalendar(time: string): boolean {
  const instant = new Date(`${time.replace(' ', 'T')}Z`)
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(time.replace(' ', 'T'))
}

const wholePence = z.int().min(-100_000_000).max(100_000_000)
const pieces = z.int().min(-1_000_000).max(1_000_000)

/** What was invoiced. Rules about signs and prices are the deciders', so that a refusal has a code. */
export const InvoiceLine = z.object({
  code: stockCode,
  description: z.string().max(200),
  quantity: pieces,
  /** Price of one piece in pence. */
  pence: wholePence,
  at: localTime,
})
export type InvoiceLine = z.infer<typeof InvoiceLine>

/** What is kept: one line per stock code and price. Without bounds: it is a sum, and what is too much the deciders say. */
export const Item = z.object({
  code: z.string(),
  description: z.string(),
  quantity: z.int(),
  pence: z.int(),
})
export type Item = z.infer<typeof Item>
