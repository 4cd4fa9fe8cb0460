import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { Client } from 'pg'
import { postgres, postgresCommandLog } from '../../src/index.ts'
import { databaseUrl, runtime, skip } from '../place.ts'

const columns = `SELECT format('%s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attcollation = '"C"'::regcollation THEN ' COLLATE "C"' ELSE '' END,
    CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, CASE WHEN a.attidentity <> '' THEN ' IDENTITY' ELSE '' END)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
  WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r' ORDER BY c.relname COLLATE "C", a.attnum`
const tables = `SELECT format('table %s%s%s', relname, CASE WHEN relpersistence = 'u' THEN ' UNLOGGED' ELSE '' END,
    coalesce(' ' || reloptions::text, ''))
  FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind = 'r' ORDER BY relname COLLATE "C"`
const indexes = `SELECT indexdef FROM pg_indexes WHERE schemaname = $1 ORDER BY indexname COLLATE "C"`
const functions = `SELECT format('function %s(%s) -> %s, %s%s', proname, pg_get_function_identity_arguments(oid),
    pg_get_function_result(oid), CASE provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
    coalesce(' ' || proconfig::text, ''))
  FROM pg_proc WHERE pronamespace = $1::regnamespace ORDER BY proname COLLATE "C", pronargs`
const triggers = `SELECT pg_get_triggerdef(t.oid) || CASE t.tgenabled WHEN 'A' THEN ' ALWAYS' ELSE '' END
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = $1::regnamespace AND NOT t.tgisinternal
  ORDER BY c.relname COLLATE "C", t.tgname`
const views = `SELECT 'view ' || viewname FROM pg_views WHERE schemaname = $1 ORDER BY viewname COLLATE "C"`
const applied = (schema: string): string =>
  `SELECT format('applied: %s %s %s %s', module, number, name, checksum) FROM ${schema}.migrations ORDER BY id`

/** The schema, line by line. */
async function linesOf(url: string, schema: string): Promise<string> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const lines: string[] = []
  for (const text of [tables, columns, indexes, views, functions, triggers]) {
    const { rows } = await client.query<string[]>({ text, values: [schema], rowMode: 'array' })
    lines.push(...rows.map(([line]) => String(line)), '')
  }
  const { rows } = await client.query<string[]>({ text: applied(schema), rowMode: 'array' })
  lines.push(...rows.map(([line]) => String(line)), '')
  await client.end()
  return lines.join('\n')
}
const golden = (name: string): Promise<string> => readFile(new URL(`../golden/${name}`, import.meta.url), 'utf8')

test('the schema is the one that is written down', { skip }, async () => {
  const url = await databaseUrl()
  {
    await using backend = await postgres({ url }).open(runtime)
    await backend.readModels.open({ name: 'orders', modelVersion: 1, generation: 0 })
  }
  assert.equal(await linesOf(url, 'gesta'), await golden('schema.txt'))
})

test('so is that of a command log of its own', { skip }, async () => {
  const url = await databaseUrl()
  await (await postgresCommandLog({ url }).open(runtime))[Symbol.asyncDispose]()
  assert.equal(await linesOf(url, 'gesta_commands'), await golden('command-log.txt'))
})
