import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { AskedRequest } from '../../src/authenticate.ts'
import { Refusal } from '../../src/problem.ts'
import { credentialsOf } from '../../src/sessions/cookies.ts'
import { checkSite } from '../../src/sessions/site.ts'

const own = 'https://shop.example'

function requestWith(method: string, headers: { readonly [name: string]: string | undefined }): AskedRequest {
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined))
  const raw = { method, headers: given, rawHeaders: Object.entries(given).flat() } as object as IncomingMessage
  return { raw, method, url: '/', headers: raw.headers, ip: '', protocol: 'https', host: 'shop.example' }
}
const passes = (request: AskedRequest, origin: string | undefined): boolean => {
  try {
    checkSite(request, origin)
    return true
  } catch (error) {
    assert.ok(error instanceof Refusal && error.code === 'origin_not_allowed')
    return false
  }
}

describe('whatever headers are sent', () => {
  test('what changes something passes from a page of this server alone', () => {
    const site = fc.option(fc.constantFrom('same-origin', 'same-site', 'cross-site', 'none', 'SAME-ORIGIN', ''), {
      nil: undefined,
    })
    const origin = fc.option(
      fc.constantFrom(own, `${own}/`, 'http://shop.example', 'https://evil.example', 'null', ''),
      {
        nil: undefined,
      },
    )
    const mode = fc.option(fc.constantFrom('navigate', 'cors', 'no-cors'), { nil: undefined })
    const told = fc.constantFrom(own, undefined)
    const method = fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'get', 'TRACE')
    fc.assert(
      fc.property(site, origin, mode, told, method, (fetchSite, from, fetchMode, known, verb) => {
        const request = requestWith(verb, { 'sec-fetch-site': fetchSite, 'sec-fetch-mode': fetchMode, origin: from })
        const isOwn = fetchSite === undefined ? from === own : fetchSite === 'same-origin'
        assert.equal(passes(request, known), isOwn)
      }),
    )
  })

  test('a cookie is read whole, once and as it was given, or refused', () => {
    const name = fc.constantFrom('access', 'refresh', 'device', 'step', 'toString', '__proto__', 'hasOwnProperty')
    const value = fc.oneof(fc.stringMatching(/^[\w.~+/=-]{1,40}$/), fc.string())
    const pair = fc.oneof(
      fc.tuple(name, value).map(([key, text]) => `__Host-gesta-${key}=${text}`),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 6 }), (pairs) => {
        const cookie = pairs.join('; ')
        try {
          const found = Object.entries(credentialsOf(requestWith('GET', { cookie }).raw))
          for (const [key, text] of found as [string, string][]) {
            assert.match(text, /^[\w.~+/=-]+$/)
            assert.ok(cookie.includes(`__Host-gesta-${key}=${text}`))
          }
        } catch (error) {
          assert.ok(error instanceof Refusal && error.code === 'invalid_header', String(error))
        }
      }),
    )
  })
})
