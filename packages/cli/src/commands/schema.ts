// `gesta schema`: the JSON Schema of what an app is told and asked.
import { adminApi, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { done, failed } from '../exit-codes.ts'
import { askedOf, viewpointOption } from '../runtime-api.ts'
import { UsageError } from '../usage-error.ts'

interface Told {
  readonly convertible: boolean
  readonly reason?: string
  readonly schema?: object
  readonly result?: object
}

export const schema: Command = defineCommand({
  name: 'schema',
  operands: ['DOMAIN.TYPE'],
  about: 'The JSON Schema (2020-12) of a command, query, job or event',
  details:
    'What is printed is the schema of its input; of an event, that of its data. --json prints all that the app tells.',
  options: {
    ...adminOptions,
    ...viewpointOption,
    kind: { value: 'KIND', about: 'command, query, job or event, where a job and an event share the name' },
    result: { about: 'of what a command or query answers instead' },
  },
  run: async ({ operands: [type = ''], values }) => {
    const [domain = '', rest] = type.split('.', 2)
    if (domain === '' || rest === undefined || rest === '')
      throw new UsageError(`Expected DOMAIN.TYPE, such as Order.Place, received "${type}".`)
    const body = { domain, type, kind: values.kind }
    const value = (await adminApi(values).post(askedOf(values.tenant, 'schema'), body)) as Told
    const shown = values.result === true ? value.result : value.schema
    if (shown !== undefined) return { text: JSON.stringify(shown, undefined, 2), value, exit: done }
    if (value.convertible) return { text: `${type} has none.`, value, exit: done }
    return { text: `It cannot be converted: ${value.reason ?? 'nobody knows why'}`, value, exit: failed }
  },
})
