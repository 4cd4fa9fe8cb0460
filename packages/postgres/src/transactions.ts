// Transactions of several statements. They are sent at once, so none stays open for a client that is slow; it needs a client that nobody
// else uses meanwhile.
import type { ClientBase } from 'pg'
import { oneStatement, queryRows } from './driver.ts'
import type { Cell, Row, Value } from './driver.ts'
import { refusalState } from './postgres-errors.ts'

/** One statement with its values. */
export interface Statement {
  readonly sql: string
  readonly values?: readonly Value[] | undefined
}
/** The rows of each statement; or what the server refused first, which changed nothing. `at`: its index, behind all others for the COMMIT. */
export type TransactionOutcome =
  | { readonly rows: readonly (readonly Row[])[] }
  | { readonly refusal: unknown; readonly at: number }
type Plain = string | number | boolean | null
export interface NamedRow {
  readonly [column: string]: Plain
}

/** A transaction whose later statements depend on what the earlier ones have read. */
export interface OpenTransaction {
  /** Sends statements at once; the rows of each. Rejects with what the server refused first: then nothing is kept. */
  send(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]>
  /** The same with the end of the transaction; `after`: what is read behind it. Nothing can be sent any more. */
  commit(statements: readonly Statement[], after?: readonly Statement[]): Promise<readonly (readonly Row[])[]>
}

/** Takes the transaction back when `work` rejects or ends without its commit. */
export async function openTransaction<Result>(
  client: ClientBase,
  work: (transaction: OpenTransaction) => Promise<Result>,
): Promise<Result> {
  let isBegun = false
  let isOver = false
  const sendAll = async (statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> => {
    const begin = isBegun ? [] : [{ sql: 'BEGIN ISOLATION LEVEL READ COMMITTED' }]
    isBegun = true
    const all: readonly Statement[] = [...begin, ...statements]
    const answers = await Promise.allSettled(
      all.map(({ sql, values = [] }) => client.query<Cell[], Value[]>(oneStatement(sql, values))),
    )
    return answers.slice(begin.length).map((answer) => {
      if (answer.status === 'rejected') throw answer.reason
      return answer.value.rows
    })
  }
  try {
    return await work({
      send: sendAll,
      commit: async (statements, after = []) => {
        isOver = true
        const rows = await sendAll([...statements, { sql: 'COMMIT' }, ...after])
        return [...rows.slice(0, statements.length), ...rows.slice(statements.length + 1)]
      },
    })
  } finally {
    if (isBegun && !isOver) await queryRows(client, 'ROLLBACK').catch(() => undefined)
  }
}

/** Rejects when the connection was lost: then the transaction was done or not. */
export async function queryTransaction(
  client: ClientBase,
  statements: readonly Statement[],
): Promise<TransactionOutcome> {
  const all: readonly Statement[] = [{ sql: 'BEGIN ISOLATION LEVEL READ COMMITTED' }, ...statements, { sql: 'COMMIT' }]
  const answers = await Promise.allSettled(
    all.map(({ sql, values = [] }) => client.query<Cell[], Value[]>(oneStatement(sql, values))),
  )
  const rows: (readonly Row[])[] = []
  for (const [place, answer] of answers.entries()) {
    if (answer.status === 'fulfilled') rows.push(answer.value.rows)
    else if (place > 0 && refusalState(answer.reason) !== undefined) return { refusal: answer.reason, at: place - 1 }
    else throw answer.reason
  }
  return { rows: rows.slice(1, -1) }
}

/** The rows of a statement that cannot write, by the names of their columns. */
export async function queryNamed(
  client: ClientBase,
  text: string,
  values: readonly Value[],
): Promise<readonly NamedRow[]> {
  const config = { ...oneStatement(text, values), types: plainTypes }
  const [begun, asked, ended] = await Promise.allSettled([
    queryRows(client, 'BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY'),
    client.query<Plain[], Value[]>(config),
    queryRows(client, 'COMMIT'),
  ])
  if (begun.status === 'rejected') throw begun.reason
  if (asked.status === 'rejected') throw asked.reason
  if (ended.status === 'rejected') throw ended.reason
  const { fields, rows } = asked.value
  return rows.map((row) => Object.fromEntries(fields.map(({ name }, at) => [name, row[at] ?? null])))
}

const parsers: { readonly [oid: number]: (text: string) => Plain } = {
  16: (text) => text === 't',
  20: exactNumber,
  21: Number,
  23: Number,
  26: Number,
  700: finiteNumber,
  701: finiteNumber,
  1700: exactNumber,
}
const asText = (text: string): Plain => text
const plainTypes = { getTypeParser: (oid: number) => parsers[oid] ?? asText }

/** A number that says no less than the text: a double keeps every whole number up to 2^53, and 15 digits of others. */
function exactNumber(text: string): Plain {
  const isExact = /^-?\d+$/.test(text)
    ? Number.isSafeInteger(Number(text))
    : /^-?\d+\.\d+$/.test(text) && text.replace(/^-?0*\.?0*|\./g, '').length <= 15
  return isExact ? Number(text) : text
}

/** JSON has no other ones. */
function finiteNumber(text: string): Plain {
  const number = Number(text)
  return Number.isFinite(number) ? number : text
}
