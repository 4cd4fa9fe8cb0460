import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { Client } from 'pg'
import { postgres } from '../../src/index.ts'
import { databaseUrl, runtime, skip } from '../place.ts'

const columns = `SELECT format('%s.%s %s%s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attcollation = '"C"'::regcollation THEN ' COLLATE "C"' ELSE '' END,
    CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, CASE WHEN a.attidentity <> '' THEN ' IDENTITY' ELSE '' END)
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
  WHERE c.relnamespace = 'gesta'::regnamespace AND c.relkind = 'r' ORDER BY c.relname COLLATE "C", a.attnum`
const tables = `SELECT format('table %s%s%s', relname, CASE WHEN relpersistence = 'u' THEN ' UNLOGGED' ELSE '' END,
    coalesce(' ' || reloptions::text, ''))
  FROM pg_class WHERE relnamespace = 'gesta'::regnamespace AND relkind = 'r' ORDER BY relname COLLATE "C"`
const indexes = `SELECT indexdef FROM pg_indexes WHERE schemaname = 'gesta' ORDER BY indexname COLLATE "C"`
const functions = `SELECT format('function %s(%s) -> %s, %s%s', proname, pg_get_function_identity_arguments(oid),
    pg_get_function_result(oid), CASE provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
    coalesce(' ' || proconfig::text, ''))
  FROM pg_proc WHERE pronamespace = 'gesta'::regnamespace ORDER BY proname COLLATE "C"`
const applied = `SELECT format('applied: %s %s %s %s', module, number, name, checksum) FROM gesta.migrations ORDER BY id`

test('the schema is the one that is written down', { skip }, async () => {
  const url = await databaseUrl()
  {
    await using backend = await postgres({ url }).open(runtime)
    await backend.readModels.open({ name: 'orders', modelVersion: 1, generation: 0 })
  }
  const client = new Client({ connectionString: url })
  await client.connect()
  const lines: string[] = []
  for (const text of [tables, columns, indexes, functions, applied]) {
    const { rows } = await client.query<string[]>({ text, rowMode: 'array' })
    lines.push(...rows.map(([line]) => String(line)), '')
  }
  await client.end()
  assert.equal(lines.join('\n'), await readFile(new URL('../golden/schema.txt', import.meta.url), 'utf8'))
})
