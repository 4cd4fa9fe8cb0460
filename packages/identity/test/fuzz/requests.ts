// Arbitrary requests of an app's operations: as the document asks or nearly so, from callers with what they hold or nearly that.
import * as fc from 'fast-check'
import type { Asked } from './asking.ts'
import type { OpenApi, Operation, Parameter } from './operations.ts'
import type { Caller } from './two-tenants.ts'
import { nearly, nearlyText, valuesOf } from './values.ts'
import type { Known } from './values.ts'

export interface Sent extends Asked {
  readonly operation: Operation
  readonly caller: Caller
}
/** What ends a session of a caller is asked seldom, so that there is something left to ask with. */
const ending =
  /logout|sessions|password|\/accounts\/|EndSession|EndOther|EndAll|Logout|ChangePassword|Account\.Remove|Tenant\.Remove/

export function requestsOf(openApi: OpenApi, callers: readonly Caller[], known: Known): fc.Arbitrary<Sent> {
  const valueOf = valuesOf(openApi, known)
  const operations = openApi.operations.filter(isAsked)
  const [seldom, often] = [
    operations.filter(({ method, path }) => method !== 'GET' && ending.test(path)),
    operations.filter(({ method, path }) => method === 'GET' || !ending.test(path)),
  ]
  const operation = fc.oneof(
    { weight: 15, arbitrary: fc.constantFrom(...often) },
    { weight: 1, arbitrary: fc.constantFrom(...seldom) },
  )
  const partsOf = (of: readonly Parameter[], place: Parameter['in']): fc.Arbitrary<[string, string][]> => {
    const parameters = of.filter((one) => one.in === place)
    const values = parameters.map((one) => [
      one.name,
      valueOf(one.schema, one.name).map((value) => textOf(value, one.asJson)),
    ])
    const requiredKeys = parameters.filter((one) => one.required).map(({ name }) => name)
    return fc
      .record(Object.fromEntries(values) as { readonly [name: string]: fc.Arbitrary<string> }, { requiredKeys })
      .map((record) => Object.entries<string>(record))
  }
  const bodyOf = (schema: Operation['body']): fc.Arbitrary<string | undefined> => {
    if (schema === undefined) return fc.constant(undefined)
    const value = valueOf(schema, '')
    const text = value.map((one) => JSON.stringify(one))
    return fc.oneof(
      { weight: 6, arbitrary: text },
      { weight: 3, arbitrary: nearly(value).map((one) => JSON.stringify(one)) },
      { weight: 1, arbitrary: text.chain(nearlyText) },
    )
  }
  return operation.chain((asked) =>
    fc
      .record({
        path: partsOf(asked.parameters, 'path'),
        query: partsOf(asked.parameters, 'query'),
        headers: fc.oneof(
          { weight: 9, arbitrary: fc.constant<[string, string][]>([]) },
          { weight: 1, arbitrary: partsOf(asked.parameters, 'header') },
        ),
        body: bodyOf(asked.body),
        credentials: fc.constantFrom(...callers).chain(credentialsOf),
        more: fc.oneof(
          { weight: 29, arbitrary: fc.constant(undefined) },
          { weight: 1, arbitrary: fc.tuple(fc.string(), fc.string()) },
        ),
      })
      .map(({ path, query, headers, body, credentials, more }) => ({
        operation: asked,
        caller: credentials.caller,
        method: asked.method,
        target: targetOf(asked.path, path, [...query, ...credentials.query, ...(more === undefined ? [] : [more])]),
        headers: {
          ...Object.fromEntries(headers.map(([name, value]) => [name, value.replaceAll(/[^\x20-\x7e]/g, '')])),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...credentials.headers,
        },
        body,
        // A counterexample is told in a line, without all that its operation could answer.
        [fc.toStringMethod]: () => `${asked.method} ${asked.path} of ${credentials.caller.name}`,
      })),
  )
}

/** Streams go on for ever: they have tests of their own. Pages are for people. */
export function isAsked({ answers, path }: Operation): boolean {
  const success = answers.get(200)
  return path.startsWith('/api/') && success !== undefined && !success.has('text/event-stream')
}

interface Credentials {
  readonly caller: Caller
  readonly headers: { readonly [name: string]: string }
  readonly query: readonly [string, string][]
}

function credentialsOf(caller: Caller): fc.Arbitrary<Credentials> {
  const { token } = caller
  if (token === undefined) return fc.constant({ caller, headers: {}, query: [] })
  const held: Credentials = { caller, headers: { authorization: `Bearer ${token}` }, query: [] }
  return fc.oneof(
    { weight: 26, arbitrary: fc.constant(held) },
    {
      weight: 2,
      arbitrary: nearlyText(token).map((text) => ({ ...held, headers: { authorization: `Bearer ${text}` } })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(nearlyText(token), fc.constantFrom('same-origin', 'cross-site', 'none'))
        .map(([text, site]) => ({
          ...held,
          headers: { cookie: `__Host-gesta-access=${text}`, 'sec-fetch-site': site },
        })),
    },
    {
      weight: 1,
      arbitrary: fc.constant({ caller, headers: {}, query: [['access_token', token] as [string, string]] }),
    },
  )
}

function textOf(value: unknown, asJson: boolean): string {
  return !asJson && typeof value === 'string' ? value : JSON.stringify(value)
}

function targetOf(path: string, values: readonly [string, string][], query: readonly [string, string][]): string {
  const given = new Map(values)
  // An empty segment is another path.
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encoded(given.get(name) || '-'))
  if (query.length === 0) return target
  return `${target}?${query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&')}`
}

function encoded(text: string): string {
  // These two stand for folders wherever a URL is read.
  if (text === '.' || text === '..') return '-'
  return encodeURIComponent(text.toWellFormed())
}
