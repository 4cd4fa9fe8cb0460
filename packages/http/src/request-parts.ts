// Takes a request of the web framework apart, into what an input is read from.
import type { FastifyRequest } from 'fastify'
import type { RequestContext } from '@gesta/core'
import { targeting } from './caller.ts'
import { checkText } from './input/json-text.ts'
import { Refusal } from './problem.ts'
import type { RequestParts } from './input/read-input.ts'
import type { ServedRoute } from './served-route.ts'

const noParameters: RequestParts['path'] = []

export function partsOf(request: FastifyRequest, { path, purpose }: ServedRoute): RequestParts {
  return {
    // The server's parser leaves query strings as they are; each route reads its own.
    queryString: request.query as string,
    body: request.body as Uint8Array | undefined,
    path:
      path.fields.length === 0 || purpose === 'runtime'
        ? noParameters
        : pathParameters(request.params as { readonly [name: string]: string }, path.fields),
  }
}

/** On routes of the runtime the path says whose data is concerned, and no field of the input. Errors: those of texts. */
export function targeted(caller: RequestContext | undefined, { params }: FastifyRequest): RequestContext | undefined {
  const { p0: tenant } = params as { readonly p0?: string }
  if (tenant === undefined) return caller
  checkText(tenant, 'the tenant of the path')
  return targeting(caller, tenant)
}

function pathParameters(params: { readonly [name: string]: string }, fields: readonly string[]): RequestParts['path'] {
  return fields.map((field, index) => {
    const text = params[`p${index}`] ?? ''
    if (text === '') throw new Refusal('unknown_path', `The path gives no ${field}.`)
    return [field, text] as const
  })
}
