// What every answer must be: one that the document names, with a body of its schema, which tells nothing of the inside or of others.
import assert from 'node:assert/strict'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv/dist/2020.js'
import type { OpenApi, Operation, Schema } from './operations.ts'

export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string | string[] | undefined }
  readonly text: string
}

export interface Expected {
  /** What was asked, for the message. */
  readonly asked: string
  /** Texts that no byte of the answer may show. */
  readonly markers: readonly string[]
  /** 504 where the caller asked for a deadline. */
  readonly statusMax: 499 | 504
}

/** What only the inside knows: frames of stacks, files, statements. */
const inner =
  /(?:\\n|\n)\s+at \S|node_modules|node:internal|file:\/\/|\/(?:home|usr|tmp|work|var)\/|\/packages\/\w+\/src|\.ts:\d+|\b(?:SELECT|UPDATE|DELETE|INSERT INTO)\b.{0,200}\b(?:FROM|WHERE|SET|VALUES)\b|SQLITE_|\bECONN|argon2/
const secretHeaders = /^(?:server|x-powered-by)$/i

export class AnswerCheck {
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false })
  readonly #compiled = new Map<Schema, ValidateFunction>()
  readonly #document: string = 'https://app.example/openapi'

  constructor(openApi: OpenApi) {
    this.#ajv.addSchema({ $id: this.#document, ...openApi.document })
  }

  /** Errors: assertions, each of which says what was asked. */
  check(operation: Operation, answer: Answer, { asked, markers, statusMax }: Expected): void {
    const { status, headers, text } = answer
    const told = `${asked}\n${status} ${JSON.stringify(headers)}\n${text.slice(0, 2_000)}`
    assert.ok(status <= 499 || (status === 504 && statusMax === 504), `a status of 500 or above: ${told}`)
    const contents = operation.answers.get(status)
    assert.ok(contents !== undefined, `a status that the document does not name: ${told}`)
    this.#checkBody(contents, answer, told)
    const whole = `${JSON.stringify(headers)}${text}`
    assert.doesNotMatch(whole, inner, `something of the inside: ${told}`)
    for (const name of Object.keys(headers)) assert.doesNotMatch(name, secretHeaders, told)
    for (const marker of markers) assert.ok(!whole.includes(marker), `something of another tenant: ${told}`)
  }

  #checkBody(contents: ReadonlyMap<string, Schema>, { headers, text }: Answer, told: string): void {
    if (contents.size === 0) return assert.equal(text, '', `a body that the document does not name: ${told}`)
    const type = String(headers['content-type']).split(';')[0] ?? ''
    const schema = contents.get(type)
    assert.ok(schema !== undefined, `a content type that the document does not name: ${told}`)
    const validate = this.#validator(schema)
    const isValid = validate(JSON.parse(text))
    assert.ok(isValid, `a body that is not of its schema, ${this.#ajv.errorsText(validate.errors)}: ${told}`)
  }

  #validator(schema: Schema): ValidateFunction {
    const known = this.#compiled.get(schema)
    if (known !== undefined) return known
    const compiled = this.#ajv.compile(this.#absolute(schema) as Schema)
    this.#compiled.set(schema, compiled)
    return compiled
  }

  /** References of a part lead into the document. */
  #absolute(part: unknown): unknown {
    if (Array.isArray(part)) return part.map((one) => this.#absolute(one))
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(
      Object.entries(part).map(([name, value]) =>
        name === '$ref' && typeof value === 'string'
          ? [name, `${this.#document}${value}`]
          : [name, this.#absolute(value)],
      ),
    )
  }
}
