// What a migration is: as a module brings it, as a plan runs it, and as the database remembers it.

/** One step of a schema. Applied once and never changed: a later change is a later migration. There is no way back. */
export interface Migration {
  /** 1 for the first of its module, then 2, 3 and so on, in the order of the list. */
  readonly number: number
  /** Unique in its module; lower-case letters, digits and hyphens, at most 63 characters. */
  readonly name: string
  /**
   * SQL of one kind of database, run in this order in one transaction, at least one. One statement per entry lets an error name it.
   * None begins or ends a transaction.
   */
  readonly statements: readonly string[]
}

/** A named set of migrations: of a store, or of a domain that has tables of its own. Reference: docs/reference/migrations.md. */
export interface MigrationModule {
  /** Unique in its database; lower-case letters, digits and hyphens, at most 63 characters. The ledger knows the module by it. */
  readonly name: string
  /** Names of the modules whose migrations run before those of this one. */
  readonly dependsOn?: readonly string[] | undefined
  readonly migrations: readonly Migration[]
}

/** A migration with its place in a plan. */
export interface MigrationStep extends Migration {
  readonly module: string
  /** SHA-256 of the statements, 64 hexadecimal digits. */
  readonly checksum: string
}

/** A row of the ledger. */
export interface AppliedMigration {
  readonly module: string
  readonly number: number
  readonly name: string
  /** Of the statements that ran. */
  readonly checksum: string
  /** Microseconds since 1970-01-01 UTC. */
  readonly appliedAt: number
}

/** How errors name a migration: `log 2 "add-outbox"`. */
export function migrationText({ module, number, name }: Omit<AppliedMigration, 'checksum' | 'appliedAt'>): string {
  return `${module} ${number} "${name}"`
}
