// The operations of an app, as its OpenAPI document tells them: what each takes, and every answer that it may give.
export type Schema = { readonly [name: string]: unknown }

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: Schema
  /** Its value is sent as JSON text. */
  readonly asJson: boolean
}
export interface Operation {
  readonly method: string
  readonly path: string
  readonly parameters: readonly Parameter[]
  /** Absent: it takes no body. */
  readonly body: Schema | undefined
  /** By status, then by content type; an answer without a body has none of the latter. */
  readonly answers: ReadonlyMap<number, ReadonlyMap<string, Schema>>
}

export class OpenApi {
  readonly document: Schema
  readonly operations: readonly Operation[]

  constructor(document: Schema) {
    this.document = document
    this.operations = entries(document['paths']).flatMap(([path, item]) =>
      entries(item).map(([method, operation]) => this.#operation(method.toUpperCase(), path, operation)),
    )
  }

  /** What a reference leads to, or the schema itself. */
  resolve(schema: unknown): Schema {
    const pointer = (schema as Schema)['$ref']
    if (typeof pointer !== 'string') return schema as Schema
    const target = pointer
      .slice(2)
      .split('/')
      .map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((at, step) => (at as Schema | undefined)?.[step], this.document)
    if (target === undefined) throw new Error(`Expected the document to have ${pointer}.`)
    return this.resolve(target)
  }

  #operation(method: string, path: string, operation: Schema): Operation {
    const content = this.#content(operation['requestBody'])
    return {
      method,
      path,
      parameters: ((operation['parameters'] ?? []) as readonly unknown[]).map((one) => this.#parameter(one)),
      body: content.get('application/json'),
      answers: new Map(
        entries(operation['responses']).map(([status, answer]) => [Number(status), this.#content(answer)]),
      ),
    }
  }

  #parameter(given: unknown): Parameter {
    const parameter = this.resolve(given)
    const content = this.#content(parameter).get('application/json')
    return {
      name: String(parameter['name']),
      in: parameter['in'] as Parameter['in'],
      required: parameter['required'] === true,
      schema: content ?? (parameter['schema'] as Schema | undefined) ?? {},
      asJson: content !== undefined,
    }
  }

  #content(given: unknown): ReadonlyMap<string, Schema> {
    const { content } = given === undefined ? {} : this.resolve(given)
    return new Map(entries(content).map(([type, media]) => [type, (media['schema'] ?? {}) as Schema]))
  }
}

function entries(of: unknown): (readonly [string, Schema])[] {
  return Object.entries((of ?? {}) as { readonly [name: string]: Schema })
}
