// Entity tags: the log's incarnation, shortened, the version of the one aggregate, and of an answer a hash of its body.
import { createHash, hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { single, wholeNumber } from './headers.ts'
import { Refusal } from './problem.ts'

/** Makes and reads the tags of one log. */
export interface Tags {
  /** `"<log>.<version>"`, with the quotes. */
  of(version: number): string
  /** `"<log>.<version>.<hash>"`: of a query's answer, the same only when the body is. */
  ofAnswer(version: number, body: string): string
  /** Whether an If-None-Match header names this tag: weakly compared, a list or `*`. */
  matches(header: string, tag: string): boolean
  /**
   * The version that the caller expects: from If-Match (one strong tag), `If-None-Match: *` (0) or gesta-expected-version.
   * Errors: `invalid_header`; `version_mismatch` for a tag that cannot be current because it is not of this log.
   */
  expectedVersion(request: IncomingMessage, versioned: boolean): number | undefined
}

export function tagsOf(incarnation: string): Tags {
  const log = createHash('sha256').update(incarnation).digest('base64url').slice(0, 8)
  return {
    of: (version) => `"${log}.${version}"`,
    ofAnswer: (version, body) => `"${log}.${version}.${hash('sha256', body, 'base64url').slice(0, hashLength)}"`,
    matches: (header, tag) =>
      header.trim() === '*' || header.split(',').some((known) => known.trim().replace(/^W\//, '') === tag),
    expectedVersion: (request, versioned) => {
      const { headers } = request
      const given = conditional.filter((name) => headers[name] !== undefined)
      const [name] = given
      if (name === undefined) return undefined
      if (!versioned)
        throw new Refusal(
          'invalid_header',
          `The header ${name} needs a command that one aggregate decides; this one is not.`,
        )
      if (given.length > 1)
        throw new Refusal('invalid_header', `Expected one of ${given.join(' and ')}, received both.`)
      if (name === 'if-none-match') return mustBeNew(request)
      return name === 'if-match'
        ? versionOf(single(request, name) ?? '', log)
        : wholeNumber(request, name, 0, Number.MAX_SAFE_INTEGER)
    },
  }
}

/** 72 bits: nobody meets two bodies of one version with the same hash by accident. */
const hashLength = 12
const conditional = ['if-match', 'if-none-match', 'gesta-expected-version'] as const

function mustBeNew(request: IncomingMessage): 0 {
  if (single(request, 'if-none-match') === '*') return 0
  throw new Refusal('invalid_header', 'A command takes "If-None-Match: *" only: the aggregate must be new.')
}

function versionOf(header: string, log: string): number {
  const tag = /^"([\x21\x23-\x7e]*)"$/.exec(header)?.[1]
  if (tag === undefined)
    throw new Refusal(
      'invalid_header',
      `Expected If-Match to be one strong entity tag, as ETag gave it, received ${JSON.stringify(header)}.`,
    )
  const [, ofLog, version] = /^(.{8})\.(0|[1-9]\d{0,15})(?:\.[\w-]{12})?$/.exec(tag) ?? []
  if (ofLog !== log)
    throw new Refusal(
      'version_mismatch',
      'The entity tag of If-Match belongs to another log, or is none of ours. Read again.',
    )
  return Number(version)
}
