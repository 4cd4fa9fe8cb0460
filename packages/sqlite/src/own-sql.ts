// SQL of a read model's own: how it is prepared and run, and what is said when it fails. Texts are named in errors, values never.
import type { SqlStatement, SqlValue } from '@gesta/core/ports'
import { prepareFor } from './database.ts'
import type { Database, Statement } from './database.ts'
import { keptStatements } from './kept-statements.ts'
import { notAllowed, resultCode, sqlError } from './sqlite-errors.ts'

/** What a table of a read model's own is called in the file, so that none is one of ours. */
export function ownTable(name: string): string {
  return `${ownPrefix}${name}`
}
const ownPrefix = 'own_'

/** A statement that failed for what it is, and not for the state of the file or the disk. */
export class StatementRefused extends Error {}

export type OwnPurpose = 'create' | 'write' | 'read'
export interface OwnSql {
  run(statement: SqlStatement): void
  rows(statement: SqlStatement): readonly { readonly [column: string]: SqlValue }[]
}

/** What a statement may begin with. The flush's transaction is not its own, so it can neither end it nor set anything. */
const beginnings: { readonly [Purpose in OwnPurpose]: RegExp } = {
  create: /^(?:create|insert)\b/i,
  write: /^(?:insert|replace|update|delete|with)\b/i,
  read: /^(?:select|with|values)\b/i,
}
const blank = /^(?:\s|;|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)*/
/** Result codes that are the statement's fault: error, too big, constraint, mismatch, authorization, range; when it shall only read, also a write. */
const ownFaults = new Set<number | undefined>([undefined, 1, 18, 19, 20, notAllowed, 25])
const readOnly = 8

export function createOwnSql(db: Database, purpose: OwnPurpose): OwnSql {
  const statementOf = keptStatements((text) => prepare(db, text, purpose))
  const run = <Result>({ text, values }: SqlStatement, use: (statement: Statement, bound: Bound) => Result): Result => {
    const statement = statementOf(text)
    try {
      return use(statement, bind(values))
    } catch (error) {
      throw refusal(error, text, purpose, 'running')
    }
  }
  return {
    run: (given) => void run(given, (statement, bound) => statement.run(bound)),
    rows: (given) => run(given, (statement, bound) => statement.all(bound).map(plainRow)),
  }
}

function prepare(db: Database, text: string, purpose: OwnPurpose): Statement {
  if (!beginnings[purpose].test(text.replace(blank, '')))
    throw refused(text, `it is no statement to ${purpose === 'create' ? 'make tables' : purpose} with`)
  let statement: Statement
  try {
    // A connection that only reads changes nothing anyway.
    statement =
      purpose === 'read' ? db.prepare(text) : prepareFor(db, text, (table) => table.toLowerCase().startsWith(ownPrefix))
  } catch (error) {
    if (resultCode(error) === notAllowed)
      throw refused(text, 'it changes a table that is not its own: take names from table()')
    throw refusal(error, text, purpose, 'preparing')
  }
  if (text.slice(statement.sourceSQL.length).replace(blank, '') !== '')
    throw refused(text, 'it is several statements: note each by itself')
  statement.setReadBigInts(true)
  return statement
}

type Bound = Record<string, string | number | bigint | null>

/** Whole numbers are bound as such, because SQLite calculates otherwise with 1.0 than with 1. */
function bind(values: readonly SqlValue[]): Bound {
  const bound: Bound = {}
  for (const [index, value] of values.entries()) {
    if (typeof value === 'boolean') bound[`$${index + 1}`] = value ? 1n : 0n
    else if (typeof value === 'number' && Number.isSafeInteger(value)) bound[`$${index + 1}`] = BigInt(value)
    else bound[`$${index + 1}`] = value
  }
  return bound
}

function plainRow(row: Record<string, unknown>): { readonly [column: string]: SqlValue } {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plainValue(column, value)]))
}

function plainValue(column: string, value: unknown): SqlValue {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value === null || typeof value === 'string' || typeof value === 'number') return value
  throw new Error(`column ${column} holds bytes: select them as text, with hex() for one`)
}

function refusal(error: unknown, text: string, purpose: OwnPurpose, step: 'preparing' | 'running'): unknown {
  const code = resultCode(error)
  if (!ownFaults.has(code) && !(purpose === 'read' && code === readOnly)) return error
  // What is said about a statement that runs can quote a value, such as a path or a search that is not well-formed.
  return refused(text, code === sqlError && step === 'running' ? 'it failed when it ran' : (error as Error).message)
}

function refused(text: string, why: string): StatementRefused {
  return new StatementRefused(
    `Expected a statement of the read model to run, but ${why}. Nothing was changed. Mend the statement: ${text}`,
  )
}
