// The schema's history, in order. A migration that was released is never changed.
import { log } from './0001-log.ts'

export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
}

export const migrations: readonly Migration[] = [{ number: 1, name: 'log', sql: log }]
