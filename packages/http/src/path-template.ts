// Path templates: `/orders/{orderId}/lines`. A parameter is a whole segment and a field of the input.

/** The parameter that names a tenant, where the input has no such field. */
export const tenantField = 'tenantUuid'

export interface PathTemplate {
  readonly text: string
  /** The fields in the path, in order. */
  readonly fields: readonly string[]
  /** The path as the router writes it; parameters are numbered, so that any field name will do. */
  readonly router: string
  /** The path without the names: two templates with the same shape answer the same requests. */
  readonly shape: string
}

/** Errors: a plain one, at start, for a path that cannot be served. */
export function pathTemplate(text: string, where: string): PathTemplate {
  if (!/^(?:\/(?:[\w.~-]+|\{[A-Za-z_$][\w$]*\}))+$/.test(text)) {
    throw new Error(
      `${where}: expected a path of literal segments and {field} segments, such as /orders/{orderId}, received ${JSON.stringify(text)}.`,
    )
  }
  const fields = [...text.matchAll(/\{([^}]*)\}/g)].map(([, field = '']) => field)
  const twice = fields.find((field, index) => fields.indexOf(field) !== index)
  if (twice !== undefined) throw new Error(`${where}: the path ${text} has {${twice}} twice. Name it once.`)
  let next = 0
  return {
    text,
    fields,
    router: text.replaceAll(/\{[^}]*\}/g, () => `:p${next++}`),
    shape: text.replaceAll(/\{[^}]*\}/g, '{}'),
  }
}

/** What the router calls the parameter; absent where the path does not have it. */
export function routerName({ fields }: PathTemplate, field: string): string | undefined {
  const index = fields.indexOf(field)
  return index === -1 ? undefined : `p${index}`
}

/** Whether a decoded path fits the template. For answers that say which methods a path has; requests go through the router. */
export function fits({ text }: PathTemplate, path: string): boolean {
  const pattern = text.split('/')
  const parts = path.split('/')
  return (
    pattern.length === parts.length &&
    pattern.every((segment, index) => (segment.startsWith('{') ? parts[index] !== '' : segment === parts[index]))
  )
}
