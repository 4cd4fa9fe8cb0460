// Seen events: per subscription the ids that it has dealt with, numbered in the order of their marks.
import type { Migration } from '@gesta/core/ports'

/** A number is never given again, so that the order of marks is the order of numbers. */
const createSeen = `CREATE TABLE seen (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  subscription TEXT NOT NULL,
  id TEXT NOT NULL,
  UNIQUE (subscription, id)
) STRICT`
const createOrder = 'CREATE INDEX seen_in_order ON seen (subscription, number)'

export const seen: Migration = { number: 1, name: 'seen', statements: [createSeen, createOrder] }
