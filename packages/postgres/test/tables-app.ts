// An app whose domains have tables of their own, one after the other. Made twice, a row would be there twice.
import { createApp, domain } from '@gesta/core'
import type { App, AnyDomain } from '@gesta/core'
import type { Migration } from '@gesta/core/ports'

export const cards: Migration = {
  number: 1,
  name: 'cards',
  statements: ['CREATE TABLE cards (id text)', 'SELECT pg_sleep(0.2)'],
}
const uses: Migration = { number: 1, name: 'uses', statements: ["INSERT INTO cards VALUES ('first')"] }

export function tablesApp(migrations: readonly Migration[] = [cards]): App<AnyDomain> {
  const none = { permissions: 'anonymous', handlers: [] } as const
  return createApp('tables', {
    domains: [
      domain('CardUse', { ...none, migrations: [uses], dependsOn: ['Loyalty'] }),
      domain('Loyalty', { ...none, migrations }),
    ] as readonly AnyDomain[],
  })
}
