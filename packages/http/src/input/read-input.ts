// From a request to the input of a contract: query string, path and body, each refused where it does not fit.
import { Refusal } from '../problem.ts'
import { textField } from './field.ts'
import type { InputShape } from './input-shape.ts'
import { checkText, parseBody } from './json-text.ts'
import { readQueryString } from './query-string.ts'

/** The parts of a request that an input is read from. */
export interface RequestParts {
  /** What follows the question mark. */
  readonly queryString: string
  /** The body; `undefined` without one. */
  readonly body: Uint8Array | undefined
  /** Decoded path parameters, by field. */
  readonly path: readonly (readonly [field: string, text: string])[]
}

/** The input of a GET: from query string and path. */
export function readFromUrl({ queryString, path }: Omit<RequestParts, 'body'>, shape: InputShape): unknown {
  const input = readQueryString(queryString, shape)
  return path.length === 0 ? input : withPath(input, path, shape)
}

/** The input of every other method: from body and path. */
export function readFromBody({ queryString, body, path }: RequestParts, shape: InputShape): unknown {
  if (queryString !== '')
    throw new Refusal('unknown_parameter', 'Expected the input in the body, received a query string.')
  const value = body === undefined ? undefined : parseBody(body)
  if (shape.kind === 'none') return withoutInput(value)
  if (shape.kind === 'fields' && isRecord(value)) checkFields(value, shape)
  return path.length === 0 ? value : withPath(value, path, shape)
}

function withoutInput(value: unknown): undefined {
  if (value === undefined || value === null || (isRecord(value) && Object.keys(value).length === 0)) return undefined
  throw new Refusal('unknown_field', 'This contract has no input. Leave the body out, or send {}.')
}

function checkFields(
  value: { readonly [field: string]: unknown },
  shape: InputShape & { readonly kind: 'fields' },
): void {
  if (shape.open) return
  for (const name in value) {
    if (!shape.fields.has(name))
      throw new Refusal(
        'unknown_field',
        `The body has the field ${JSON.stringify(name)}, which is no field of the input.`,
      )
  }
}

function withPath(value: unknown, path: RequestParts['path'], shape: InputShape): unknown {
  if (value !== undefined && !isRecord(value))
    throw new Refusal('invalid_input', 'Expected the body to be a JSON object, beside the fields that the path gives.')
  const input: Record<string, unknown> = { ...value }
  for (const [name, text] of path) {
    checkText(text, `the path parameter ${name}`)
    if (Object.hasOwn(input, name))
      throw new Refusal('repeated_parameter', `The path gives the field ${name}. Leave it out elsewhere.`)
    const field = shape.kind === 'fields' ? shape.fields.get(name) : undefined
    input[name] = (field ?? textField).read([text], name)
  }
  return input
}

function isRecord(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
