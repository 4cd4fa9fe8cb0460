// What can be wrong with modules before any database is asked, told at set-up and in a sentence.
import { checkOptions, closest } from '../schema/options.ts'
import type { Migration, MigrationModule } from './migration.ts'

const nameLengthMax = 63
const namePattern = /^[a-z][a-z0-9-]*$/
const nameRule = `Names begin with a letter, and have lower-case letters, digits and hyphens, at most ${nameLengthMax} characters.`
/** The first word of a statement, behind white space and comments, when it would begin or end a transaction. */
const transactionControl =
  /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|;)*(begin|start\s+transaction|commit|end|rollback|abort|savepoint|release)\b/i

/** Throws a plain error, which names the module, for a bad name, number, statement or dependency. Circles are the order's business. */
export function checkModules(modules: readonly MigrationModule[]): void {
  const names = new Set<string>()
  for (const module of modules) {
    checkModule(module)
    if (names.has(module.name))
      throw new Error(
        `Two migration modules are named "${module.name}". Rename one: the ledger tells them by their names.`,
      )
    names.add(module.name)
  }
  for (const { name, dependsOn = [] } of modules) {
    for (const dependency of dependsOn) {
      if (names.has(dependency)) continue
      const near = closest(dependency, [...names])
      const hint = near === undefined ? 'Pass that module too.' : `Did you mean "${near}"?`
      throw new Error(
        `The migration module "${name}" depends on "${dependency}", which is not among the modules. ${hint}`,
      )
    }
  }
}

function checkModule(module: MigrationModule): void {
  const { name, migrations } = module
  if (!isName(name)) throw new Error(`A migration module is named "${name}". ${nameRule}`)
  const where = `The migration module "${name}"`
  checkOptions(module, ['name', 'dependsOn', 'migrations'], where)
  if (!Array.isArray(migrations)) throw new Error(`${where} has no list of migrations. Give it one; it may be empty.`)
  const seen = new Map<string, Migration>()
  for (const [index, migration] of migrations.entries()) {
    checkNumber(migrations, index, where)
    checkMigration(migration, `${where}, migration ${migration.number},`)
    const other = seen.get(migration.name)
    if (other !== undefined)
      throw new Error(
        `${where} has two migrations named "${migration.name}": ${other.number} and ${migration.number}. Rename the one that was not applied yet.`,
      )
    seen.set(migration.name, migration)
  }
}

function checkNumber(migrations: readonly Migration[], index: number, where: string): void {
  const expected = index + 1
  const { number, name } = migrations[index] as Migration
  if (number === expected) return
  const twin = migrations.slice(0, index).find((other) => other.number === number)
  if (twin !== undefined)
    throw new Error(
      `${where} has the number ${number} twice: "${twin.name}" and "${name}". Give the newer one the next number.`,
    )
  throw new Error(
    `${where} has a gap: expected number ${expected}, received ${number} ("${name}"). Numbers go up by one from 1, in the order of the list.`,
  )
}

function checkMigration(migration: Migration, where: string): void {
  checkOptions(migration, ['number', 'name', 'statements'], where)
  const { name, statements } = migration
  if (!isName(name)) throw new Error(`${where} is named "${name}". ${nameRule}`)
  if (!Array.isArray(statements) || statements.length === 0)
    throw new Error(`${where} has no statements. Give it at least one.`)
  for (const [index, statement] of statements.entries()) {
    if (typeof statement !== 'string' || statement.trim() === '')
      throw new Error(`${where} has no text as statement ${index + 1}. Take it out, or write the SQL.`)
    const word = transactionControl.exec(statement)?.[1]
    if (word !== undefined)
      throw new Error(
        `${where} says ${word.toUpperCase()} in statement ${index + 1}. Take it out: each migration is one transaction already.`,
      )
  }
}

function isName(name: unknown): boolean {
  return typeof name === 'string' && name.length <= nameLengthMax && namePattern.test(name)
}
