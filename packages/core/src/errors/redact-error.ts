// What may be kept of an error: which one it was, never what it says. A message may hold whatever its thrower put into it.
import { GestaError } from './gesta-error.ts'

const linksMax = 8
const name = /^[A-Za-z][\w.]{0,127}$/

/**
 * The chain of causes as one line of codes and names, for logs and stores: `subscriber_failed of Order.Placed < TypeError`.
 * Messages, facts other than the contract, and stacks are left out.
 */
export function redactError(error: unknown): string {
  const links: string[] = []
  const seen = new Set<unknown>()
  for (let current = error; current !== undefined && !seen.has(current) && links.length < linksMax;) {
    seen.add(current)
    links.push(linkOf(current))
    current = current instanceof Error ? current.cause : undefined
  }
  return links.join(' < ')
}

function linkOf(error: unknown): string {
  if (!(error instanceof Error)) return error === null ? 'null' : typeof error
  if (error instanceof GestaError) {
    const { contract } = error.facts
    return isName(contract) ? `${error.code} of ${contract}` : error.code
  }
  const ofSystem = 'code' in error && isName(error.code) ? ` ${error.code}` : ''
  return `${isName(error.name) ? error.name : 'Error'}${ofSystem}`
}

function isName(text: unknown): text is string {
  return typeof text === 'string' && name.test(text)
}
