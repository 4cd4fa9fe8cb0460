// Tables of a read model's own: SQL beside its rows, written in the flush's transaction and gone with the generation that it belongs to.

/** What can be bound to a statement and comes back from one. Whole numbers beyond 2^53 come back as texts. */
export type SqlValue = string | number | boolean | null
/** `$1`, `$2`, ... stand for the values, on every backend. */
export interface SqlStatement {
  readonly text: string
  readonly values: readonly SqlValue[]
}
/** The real name of a table, quoted, by the name that the read model gave it. */
export type TableName = (name: string) => string
export interface OwnTables {
  readonly names: readonly string[]
  /** The statements that make them, and their indexes, for one generation. */
  create(table: TableName): readonly string[]
}
