import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findGestaError } from '../../src/errors/gesta-error.ts'
import type { ErrorCode } from '../../src/errors/codes.ts'
import { checksumOf } from '../../src/migrations/checksum.ts'
import type { AppliedMigration, MigrationModule } from '../../src/migrations/migration.ts'
import { planMigrations } from '../../src/migrations/plan.ts'
import { migrationSteps } from '../../src/migrations/migration-steps.ts'

const moduleOf = (name: string, count: number, dependsOn?: readonly string[]): MigrationModule => ({
  name,
  dependsOn,
  migrations: Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    name: `step-${index + 1}`,
    statements: [`${name} ${index + 1}`],
  })),
})
const applied = (...modules: readonly MigrationModule[]): readonly AppliedMigration[] =>
  migrationSteps(modules).map(({ module, number, name, checksum }) => ({
    module,
    number,
    name,
    checksum,
    appliedAt: 1,
  }))
const fails = (code: ErrorCode, says: RegExp, facts: object) => (error: unknown) => {
  const found = findGestaError(error, code)
  assert.ok(found, String(error))
  assert.match(found.message, says)
  assert.deepEqual(found.facts, facts)
  return true
}

describe('a checksum', () => {
  test('is that of the text: another statement, another cut, another space are other texts', () => {
    const texts = [['A', 'B'], ['A B'], ['AB'], ['A', 'b'], ['A', 'B '], ['B', 'A']]
    assert.equal(new Set(texts.map((statements) => checksumOf({ statements }))).size, texts.length)
    assert.match(checksumOf({ statements: ['A'] }), /^[0-9a-f]{64}$/)
  })

  test('does not see how lines end', () => {
    assert.equal(checksumOf({ statements: ['a\r\nb'] }), checksumOf({ statements: ['a\nb'] }))
  })

  test('stays what it is: ledgers keep it', () => {
    assert.equal(
      checksumOf({ statements: ['CREATE TABLE a (b)', 'é'] }),
      'ba0af4b5f333cec683efc9b7e29fa82643d911eff32283e953f9cc40c353b2be',
    )
  })
})

describe('a plan', () => {
  test('has what the ledger lacks, in order, also of modules that others were applied after', () => {
    const modules = [moduleOf('log', 2), moduleOf('groups', 2, ['log'])]
    const plan = planMigrations(
      migrationSteps(modules),
      applied(moduleOf('log', 1), moduleOf('groups', 1, ['log'])),
      'db',
    )
    assert.deepEqual(
      plan.map(({ module, number, statements }) => [module, number, ...statements]),
      [
        ['log', 2, 'log 2'],
        ['groups', 2, 'groups 2'],
      ],
    )
  })

  test('tells drift before a newer schema: two lines of development took the same number', () => {
    const [one, two, three] = applied(moduleOf('log', 3))
    assert.ok(one && two && three)
    assert.throws(
      () =>
        planMigrations(
          migrationSteps([moduleOf('log', 2)]),
          [one, { ...two, name: 'theirs', checksum: 'x' }, three],
          'db',
        ),
      fails('schema_drift', /migrations that db has.*log 2 "step-2" was applied as "theirs"/, {
        database: 'db',
        module: 'log',
        number: 2,
        why: 'renamed',
      }),
    )
  })

  test('names the first three migrations that it does not know, and counts the others', () => {
    assert.throws(
      () => planMigrations(migrationSteps([moduleOf('log', 1)]), applied(moduleOf('log', 6)), 'db'),
      fails('store_newer', /log 2 "step-2", log 3 "step-3", log 4 "step-4" and 2 more/, {
        database: 'db',
        unknown: [2, 3, 4, 5, 6].map((number) => `log ${number} "step-${number}"`),
      }),
    )
  })
})
