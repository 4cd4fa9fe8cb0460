// A line to try a route with.
import { exampleOf } from '../openapi/example.ts'
import { isObject } from '../json-schema.ts'
import type { ServedRoute } from '../served-route.ts'

/** Text for a shell; where no example is known, a placeholder stands for it. */
export function curlOf({ method, path, served }: ServedRoute, origin: string): string {
  const { shape, exposed } = served
  const example = exampleOf(exposed.contract, shape)
  const fields = isObject(example) ? example : {}
  const url = `${origin}${path.text.replaceAll(/\{([^}]*)\}/g, (_, field: string) => encodeURIComponent(textOf(fields[field] ?? field)))}`
  const rest = Object.fromEntries(Object.entries(fields).filter(([field]) => !path.fields.includes(field)))
  if (method === 'GET')
    return `curl ${quote(`${url}${shape.kind === 'value' ? `?input=${encodeURIComponent(JSON.stringify(example ?? null))}` : queryString(rest)}`)}`
  if (shape.kind === 'none') return `curl -X ${method} ${quote(url)}`
  const body = example === undefined ? '{ … }' : JSON.stringify(isObject(example) ? rest : example)
  return `curl -X ${method} ${quote(url)} -H 'content-type: application/json' -d ${quote(body)}`
}

function queryString(fields: { readonly [field: string]: unknown }): string {
  const parts = Object.entries(fields).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map(
      (item) => `${encodeURIComponent(name)}=${encodeURIComponent(textOf(item))}`,
    ),
  )
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
