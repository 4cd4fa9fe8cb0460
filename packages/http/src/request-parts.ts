// Takes a request of the web framework apart, into what an input is read from.
import type { FastifyRequest } from 'fastify'
import { Refusal } from './problem.ts'
import type { RequestParts } from './input/read-input.ts'
import type { ServedRoute } from './route-table.ts'

const noParameters: RequestParts['path'] = []

export function partsOf(request: FastifyRequest, { path }: ServedRoute): RequestParts {
  return {
    // The server's parser leaves query strings as they are; each route reads its own.
    queryString: request.query as string,
    body: request.body as Uint8Array | undefined,
    path:
      path.fields.length === 0
        ? noParameters
        : pathParameters(request.params as { readonly [name: string]: string }, path.fields),
  }
}

function pathParameters(params: { readonly [name: string]: string }, fields: readonly string[]): RequestParts['path'] {
  return fields.map((field, index) => {
    const text = params[`p${index}`] ?? ''
    if (text === '') throw new Refusal('unknown_path', `The path gives no ${field}.`)
    return [field, text] as const
  })
}
