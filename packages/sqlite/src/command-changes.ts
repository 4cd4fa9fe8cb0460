// What is changed of commits that are stored, for the command log: details are redacted or purged, and idempotency keys forgotten. Each
// change runs in a transaction that its caller begins and ends, in the writer thread.
import { decodeDetail, encodeDetail, redactedDetail } from '@gesta/core/ports'
import { firstRow, prepareRows } from './database.ts'
import type { Cell, Database } from './database.ts'

/** What the writer thread is asked to change; harmless to repeat. Lists of commits are short: who asks goes step by step. */
export type CommandChange =
  | { readonly change: 'redact'; readonly tenant: string; readonly commandId: string }
  | { readonly change: ForgetChange; readonly commitNos: readonly number[] }
export type ForgetChange = 'forgetRecords' | 'forgetKeys'

const readDetail = 'SELECT commit_no, detail, payload FROM commits WHERE tenant = ? AND command_id = ?'
const writeDetail = 'UPDATE commits SET detail = ?, payload = ? WHERE commit_no = ?'
const forgetRecord = `UPDATE commits SET detail = '', payload = NULL WHERE commit_no = ? AND detail IS NOT ''`
const forgetKey = 'DELETE FROM idempotency WHERE commit_no = ?'

/** Answers how many were changed; a record that has nothing to redact counts too. */
export function createCommandWriter(db: Database): (change: CommandChange) => number {
  const find = prepareRows(db, readDetail)
  const write = db.prepare(writeDetail)
  const forget = { forgetRecords: db.prepare(forgetRecord), forgetKeys: db.prepare(forgetKey) }

  const redact = (tenant: string, commandId: string): number => {
    const [commitNo, detail, payload] = firstRow(find, tenant, commandId) ?? []
    if (commitNo === undefined || detail === '') return 0
    const decoded = decodeDetail(textOf(detail), textOf(payload))
    if (decoded !== undefined) write.run(encodeDetail(redactedDetail(decoded)), null, commitNo)
    return 1
  }
  return (asked) => {
    if (asked.change === 'redact') return redact(asked.tenant, asked.commandId)
    const statement = forget[asked.change]
    return asked.commitNos.reduce((count, commitNo) => count + Number(statement.run(commitNo).changes), 0)
  }
}

function textOf(cell: Cell | undefined): string | undefined {
  return typeof cell === 'string' ? cell : undefined
}
