import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkModules } from '../../src/migrations/check-modules.ts'
import type { Migration, MigrationModule } from '../../src/migrations/migration.ts'

const step = (number: number, name = `step-${number}`, statements: readonly string[] = ['A']): Migration => ({
  number,
  name,
  statements,
})
const log: MigrationModule = { name: 'log', migrations: [step(1), step(2)] }
const withStatement = (statement: string): readonly MigrationModule[] => [
  { name: 'log', migrations: [step(1), step(2, 'two', ['A', statement])] },
]

describe('modules are refused at set-up, with a sentence that names the module:', () => {
  const refused: readonly (readonly [string, readonly MigrationModule[], RegExp])[] = [
    ['two of one name', [log, log], /Two migration modules are named "log"\. Rename one/],
    ['a name that not every database keeps', [{ name: 'Log', migrations: [] }], /module is named "Log"\. Names begin/],
    ['a name that is too long', [{ name: 'a'.repeat(64), migrations: [] }], /at most 63 characters/],
    [
      'a dependency that is not there',
      [log, { name: 'groups', dependsOn: ['lgo'], migrations: [] }],
      /module "groups" depends on "lgo".*Did you mean "log"/,
    ],
    [
      'a dependency unlike all',
      [{ name: 'groups', dependsOn: ['identity'], migrations: [] }],
      /depends on "identity".*Pass that module too/,
    ],
    [
      'an unknown key',
      [{ name: 'log', dependson: ['a'], migrations: [] } as MigrationModule],
      /Did you mean "dependsOn"/,
    ],
    ['no list', [{ name: 'log' } as MigrationModule], /"log" has no list of migrations/],
    [
      'a number twice',
      [{ name: 'log', migrations: [step(1), step(1, 'other')] }],
      /"log" has the number 1 twice: "step-1" and "other"/,
    ],
    [
      'a gap',
      [{ name: 'log', migrations: [step(1), step(3)] }],
      /"log" has a gap: expected number 2, received 3 \("step-3"\)/,
    ],
    ['a number that does not begin at 1', [{ name: 'log', migrations: [step(0)] }], /expected number 1, received 0/],
    ['numbers out of order', [{ name: 'log', migrations: [step(2), step(1)] }], /expected number 1, received 2/],
    [
      'a migration name twice',
      [{ name: 'log', migrations: [step(1, 'a'), step(2, 'a')] }],
      /two migrations named "a": 1 and 2/,
    ],
    [
      'a bad migration name',
      [{ name: 'log', migrations: [step(1, 'Add outbox')] }],
      /migration 1, is named "Add outbox"/,
    ],
    [
      'an unknown key of a migration',
      [{ name: 'log', migrations: [{ ...step(1), statement: [] } as Migration] }],
      /Did you mean "statements"/,
    ],
    ['no statements', [{ name: 'log', migrations: [step(1, 'a', [])] }], /migration 1, has no statements/],
    ['text instead of a list', [{ name: 'log', migrations: [step(1, 'a', 'A' as never)] }], /has no statements/],
    ['an empty statement', withStatement(' \n'), /migration 2, has no text as statement 2/],
  ]
  for (const [what, modules, says] of refused) test(what, () => assert.throws(() => checkModules(modules), says))
})

describe('a statement that begins or ends a transaction', () => {
  for (const statement of [
    'COMMIT',
    'begin immediate',
    ' \n-- why\n/* and\nhow */ ROLLBACK;',
    ';END',
    'start  transaction',
    'savepoint a',
  ])
    test(`is refused: ${JSON.stringify(statement)}`, () =>
      assert.throws(() => checkModules(withStatement(statement)), /migration 2, says [A-Z ]+ in statement 2/))
  for (const statement of [
    'CREATE TABLE commits (a)',
    "SELECT 'COMMIT'",
    'CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END',
    '-- COMMIT\nSELECT 1',
    'DO $$ BEGIN END $$',
  ])
    test(`is told from ${JSON.stringify(statement)}`, () => checkModules(withStatement(statement)))
})

test('a module may be empty, and may have any name of letters, digits and hyphens', () => {
  checkModules([log, { name: 'read-models-2', dependsOn: ['log', 'log'], migrations: [] }])
  checkModules([])
})
