// Nothing of what is secret, and no address, lies in the open where people look later: in events, headers, records, the audit log, lines
// of the log, or what is told of errors.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { it } from 'node:test'
import { sqlite } from '@gesta/sqlite'
import { accounts, administrator, openAccounts } from './open-accounts.ts'

const email = 'planted.address@example.com'
const passwords = ['planted password one', 'planted password two', 'planted password three'] as const

it('no secret lies anywhere in the open, and no address in what is kept for good', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gesta-leaks-'))
  const file = join(folder, 'shop.db')
  const observed: unknown[] = []
  const codes: string[] = []
  {
    await using app = await openAccounts({ store: sqlite(file), observe: (observation) => observed.push(observation) })
    const secretsOf = (code: string) => (codes.push(code.split('.')[2] ?? ''), code)
    const metadata = { address: '192.0.2.1', userAgent: 'tests' }

    await app.running.dispatch(accounts.register({ email, password: passwords[0] }), { metadata })
    await app.register(email, 'short')
    await app.verify(secretsOf(await app.codeTo(email)))
    await app.register(email, passwords[2])
    await app.running.dispatch(accounts.requestPasswordReset({ email }))
    const code = secretsOf(await app.codeTo(email))
    await app.running.dispatch(accounts.resetPassword({ code, password: passwords[1] }))
    await app.running.dispatch(accounts.resetPassword({ code, password: passwords[1] }))
    const accountUuid = (await app.find(email))?.account ?? ''
    const person = app.as(accountUuid)
    await person.dispatch(accounts.changePassword({ currentPassword: passwords[0], newPassword: passwords[2] }))
    await person.dispatch(accounts.changePassword({ currentPassword: passwords[1], newPassword: passwords[2] }))
    await app.running
      .dispatch(accounts.register({ email: `${email}\0`, password: passwords[0] }))
      .catch(() => undefined)
    const byAdministrator = app.running.as(administrator)
    await byAdministrator.dispatch(accounts.block({ accountUuid, reason: 'asked for' }))
    await byAdministrator.dispatch(accounts.unblock({ accountUuid }))
    await app.settled()
  }

  const secrets = [...passwords, ...codes]
  const rows = rowsOf(file)
  assert.ok(rows.some(({ text }) => text.includes('Account.PasswordSet')))
  for (const { table, text } of rows)
    for (const secret of secrets) assert.equal(text.includes(secret), false, `${table} has ${secret}`)
  // Views show addresses to administrators; they are thrown away and built anew.
  const kept = rows.filter(({ text }) => text.includes(email)).map(({ table }) => table)
  assert.deepEqual(
    [...new Set(kept)].filter((table) => !/view|row/.test(table)),
    [],
  )
  const told = JSON.stringify(observed, (_, value: unknown) => (value instanceof Error ? String(value.stack) : value))
  for (const secret of [...secrets, email]) assert.equal(told.includes(secret), false, `an observation has ${secret}`)
  await rm(folder, { recursive: true })
})

/** Every row of every table, as text. */
function rowsOf(file: string): readonly { readonly table: string; readonly text: string }[] {
  using database = new DatabaseSync(file, { readOnly: true })
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  return tables.flatMap(({ name }) =>
    database
      .prepare(`SELECT * FROM "${String(name)}"`)
      .all()
      .map((row) => ({ table: String(name), text: Object.values(row).map(textOf).join('\n') })),
  )
}

function textOf(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)
}
