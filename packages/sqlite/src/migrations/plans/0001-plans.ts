// Plans of views: which generations there are, and what operators want.
import type { Migration } from '@gesta/core/ports'

/** live and building are numbers of generations; since says how far the log went when they were begun. */
const createPlans = `CREATE TABLE plans (
  name TEXT NOT NULL,
  model_version INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  live INTEGER,
  live_since INTEGER,
  building INTEGER,
  building_since INTEGER,
  wanted TEXT NOT NULL,
  PRIMARY KEY (name, model_version)
) STRICT, WITHOUT ROWID`

export const plans: Migration = { number: 1, name: 'plans', statements: [createPlans] }
