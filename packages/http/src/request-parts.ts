// Takes a request of the web framework apart, into what an input is read from.
import type { FastifyRequest } from 'fastify'
import type { RequestContext } from '@gesta/core'
import { targeting } from './caller.ts'
import { checkText } from './input/json-text.ts'
import { tenantField } from './path-template.ts'
import { Refusal } from './problem.ts'
import type { RequestParts } from './input/read-input.ts'
import type { ServedRoute } from './served-route.ts'

const noParameters: RequestParts['path'] = []

export function partsOf(request: FastifyRequest, { path, tenant }: ServedRoute): RequestParts {
  return {
    // The server's parser leaves query strings as they are; each route reads its own.
    queryString: request.query as string,
    body: request.body as Uint8Array | undefined,
    path:
      path.fields.length === (tenant === undefined ? 0 : 1)
        ? noParameters
        : pathParameters(request.params as { readonly [name: string]: string }, path.fields, tenant),
  }
}

/** Where the path says whose data is concerned, the caller with that. Errors: `unknown_path`, those of texts. */
export function targeted(
  caller: RequestContext | undefined,
  { params }: FastifyRequest,
  { tenant }: ServedRoute,
): RequestContext | undefined {
  if (tenant === undefined) return caller
  const text = given(params as { readonly [name: string]: string }, tenant, tenantField)
  checkText(text, 'the tenant of the path')
  return targeting(caller, text)
}

function pathParameters(
  params: { readonly [name: string]: string },
  fields: readonly string[],
  tenant: string | undefined,
): RequestParts['path'] {
  return fields.flatMap((field, index) => {
    const name = `p${index}`
    return name === tenant ? [] : [[field, given(params, name, field)] as const]
  })
}

function given(params: { readonly [name: string]: string }, name: string, field: string): string {
  const text = params[name] ?? ''
  if (text === '') throw new Refusal('unknown_path', `The path gives no ${field}.`)
  return text
}
