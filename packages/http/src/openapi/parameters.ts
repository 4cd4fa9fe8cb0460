// The parameters of a route: its path, its query string, and the headers that mean something.
import type { InputField } from '../input/input-shape.ts'
import { valueParameter } from '../input/query-string.ts'
import { typesOf } from '../json-schema.ts'
import { routerName } from '../path-template.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { ServedRoute } from '../served-route.ts'
import { historyParts, showsHistory } from './history.ts'
import { relocate } from './relocate.ts'
import { reference } from './schemas.ts'
import type { Part } from './schemas.ts'

export function parametersOf(route: ServedRoute): readonly Part[] {
  const { path, method } = route
  return [
    ...path.fields.map((name) => pathParameter(route, name)),
    ...(method === 'GET' ? queryParameters(route) : []),
    ...(showsHistory(route) ? Object.keys(historyParts).map((name) => reference('parameters', name)) : []),
    ...headerParameters(route),
  ]
}

function pathParameter({ served, path, tenant }: ServedRoute, name: string): Part {
  if (tenant !== undefined && routerName(path, name) === tenant) return tenantParameter
  const { shape, type } = served
  const field = shape.kind === 'fields' ? shape.fields.get(name) : undefined
  const schema = field === undefined ? {} : relocate(field.schema, `#/components/schemas/${type}.Input`)
  return { name, in: 'path', required: true, schema }
}

/** Of routes whose path says whose data is concerned. */
export const tenantParameter: Part = {
  name: 'tenantUuid',
  in: 'path',
  required: true,
  description: 'The tenant whose data is concerned.',
  schema: { type: 'string', minLength: 1 },
}

function queryParameters({ served, path }: ServedRoute): readonly Part[] {
  const { shape, type } = served
  const base = `#/components/schemas/${type}.Input`
  if (shape.kind === 'none') return []
  if (shape.kind === 'value')
    return [
      {
        name: valueParameter,
        in: 'query',
        required: true,
        content: { 'application/json': { schema: { $ref: base } } },
      },
    ]
  if (shape.kind === 'unknown')
    return [
      {
        name: 'fields',
        in: 'query',
        description: 'Any fields; text that is JSON is read as JSON.',
        style: 'form',
        explode: true,
        schema: { type: 'object', additionalProperties: true },
      },
    ]
  return [...shape.fields]
    .filter(([name]) => !path.fields.includes(name))
    .map(([name, field]) => queryParameter(name, field, shape.schema, base))
}

function queryParameter(name: string, { schema, required }: InputField, root: JsonSchema, base: string): Part {
  const types = typesOf(schema, root)
  const moved = relocate(schema, base)
  const asJson = types === undefined || (types.has('object') && !types.has('string'))
  return {
    name,
    in: 'query',
    required,
    ...(asJson ? { content: { 'application/json': { schema: moved } } } : { schema: moved }),
  }
}

function headerParameters({ served, method }: ServedRoute): readonly Part[] {
  const names =
    served.kind === 'query'
      ? ['After', ...(method === 'GET' ? ['IfNoneMatch'] : [])]
      : [
          'IdempotencyKey',
          'CommandId',
          ...(served.exposed.versioned ? ['IfMatch', 'MustBeNew', 'ExpectedVersion'] : []),
        ]
  return [...names, 'Deadline'].map((name) => reference('parameters', name))
}

const header = (name: string, description: string, schema: Part): Part => ({
  name,
  in: 'header',
  required: false,
  description,
  schema,
})
const version = { type: 'integer', minimum: 0 }

/** Everything under components.parameters. */
export const sharedParameters: Part = {
  ...historyParts,
  IdempotencyKey: header(
    'Idempotency-Key',
    'Makes a repetition find the first outcome. A quoted string, or bare text.',
    { type: 'string', minLength: 1, maxLength: 257 },
  ),
  CommandId: header('gesta-command-id', 'Names the command, so that a lost answer can be asked for again.', {
    type: 'string',
    format: 'uuid',
  }),
  IfMatch: header('If-Match', 'The entity tag that the aggregate must have. One strong tag.', { type: 'string' }),
  MustBeNew: header('If-None-Match', 'The aggregate must be new.', { const: '*' }),
  ExpectedVersion: header(
    'gesta-expected-version',
    'The version that the aggregate must have; 0: it must be new.',
    version,
  ),
  IfNoneMatch: header('If-None-Match', 'Entity tags that the caller has.', { type: 'string' }),
  After: header('gesta-after', 'The token of a command: the answer shows what it wrote.', { type: 'string' }),
  Deadline: header('gesta-deadline-ms', 'Milliseconds that the call may take; the server has a limit of its own.', {
    type: 'integer',
    minimum: 1,
    maximum: 86_400_000,
  }),
}
/** Everything under components.headers. */
export const sharedHeaders: Part = {
  Token: {
    description: 'Send it as gesta-after with a query, to read what this command wrote or saw.',
    schema: { type: 'string' },
  },
  ETag: {
    description:
      'The version of the one aggregate that is shown or changed, and of an answer its body too; absent when there is not exactly one.',
    schema: { type: 'string' },
  },
}
