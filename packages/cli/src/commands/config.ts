// `gesta config`: what a configuration is, and whether what its sources say fits it.
import type { ConfigDefinition, ConfigProblem } from '@gesta/core'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { loadConfigModule, moduleOption } from '../config-module.ts'
import { done, failed } from '../exit-codes.ts'
import { tableOf } from '../table.ts'

const opening =
  'Sources and secrets are read as the app reads them, except for flags. Nothing of a secret is printed. No app is started.'

const configCheck = defineCommand({
  name: 'config check',
  operands: [],
  about: 'Whether a configuration fits its definition; exit code 1 when it does not',
  details: opening,
  options: moduleOption,
  run: async ({ values }, terminal) => {
    const { definition, open } = await loadConfigModule(values.module, terminal.folder)
    try {
      await using config = await open()
      const keys = config.show().length
      return { text: `${keys} keys, no problems.`, value: { ok: true, keys, problems: [] }, exit: done }
    } catch (error) {
      const problems = problemsOf(error)
      if (problems === undefined) throw error
      const keys = definition.keys.length
      return { text: (error as Error).message, value: { ok: false, keys, problems }, exit: failed }
    }
  },
})

const configShow = defineCommand({
  name: 'config show',
  operands: [],
  about: 'Every key with its value and where it came from, secrets hidden',
  details: opening,
  options: moduleOption,
  run: async ({ values }, terminal) => {
    const { open } = await loadConfigModule(values.module, terminal.folder)
    await using config = await open()
    const keys = config.show()
    const rows = keys.map(({ key, value, source, where, reload }) => [key, value, where ?? source, reload])
    return { text: tableOf([['KEY', 'VALUE', 'FROM', 'RELOAD'], ...rows]), value: keys }
  },
})

const configDocs = describing('docs', 'A Markdown table of all keys', (definition) => definition.docs().trimEnd())
const configSample = describing('sample', 'A YAML file of all keys, to begin with', (definition) =>
  definition.sample().trimEnd(),
)
const configSchema = describing(
  'schema',
  'The JSON Schema (2020-12) of a configuration file, for editors',
  (definition) => JSON.stringify(definition.jsonSchema(), undefined, 2),
)

export const config: readonly Command[] = [configCheck, configShow, configDocs, configSchema, configSample]

function describing(name: string, about: string, textOf: (definition: ConfigDefinition<unknown>) => string): Command {
  return defineCommand({
    name: `config ${name}`,
    operands: [],
    about,
    options: moduleOption,
    run: async ({ values }, terminal) => {
      const { definition } = await loadConfigModule(values.module, terminal.folder)
      const text = textOf(definition)
      return { text, value: name === 'schema' ? definition.jsonSchema() : { text } }
    },
  })
}

/** `undefined` for what is no finding about the configuration. */
function problemsOf(error: unknown): readonly ConfigProblem[] | undefined {
  if (!(error instanceof Error) || !('facts' in error)) return undefined
  const { problems } = error.facts as { readonly problems?: readonly ConfigProblem[] }
  return problems
}
