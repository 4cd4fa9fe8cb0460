// Who asks a running app: a token that the environment or the command line gives, and that nothing prints.
import type { ValueOption } from './command.ts'
import { UsageError } from './usage-error.ts'

const variable = 'GESTA_TOKEN'
/** What a header can carry, without spaces: every kind of token that there is. */
const pattern = /^[\x21-\x7e]{1,8192}$/
const thisMachine: readonly string[] = ['127.0.0.1', '[::1]', 'localhost']

export const tokenOption: { readonly token: ValueOption } = {
  token: {
    value: 'TOKEN',
    about: `who asks (better: ${variable} in the environment, which no list of processes shows)`,
  },
}

/** The token for an address; absent when none was given. Errors: `UsageError`, which never repeats it. */
export function tokenFor(url: URL, given: string | undefined): string | undefined {
  const token = given ?? emptyIsNone(process.env[variable])
  if (token === undefined) return undefined
  const from = given === undefined ? variable : '--token'
  if (!pattern.test(token))
    throw new UsageError(`Expected ${from} to be a token without spaces and line ends, received another text.`)
  if (url.protocol !== 'https:' && !thisMachine.includes(url.hostname))
    throw new UsageError(
      `Expected --url to be https, or of this machine: a token that goes to ${url.hostname} over http could be read on its way. Use https, or a tunnel.`,
    )
  return token
}

/** An address has no place for secrets: it is shown in lists of processes, histories and logs. Errors: `UsageError`. */
export function checkWithoutSecrets({ username, password, search, hash }: URL): void {
  if (username === '' && password === '' && search === '' && hash === '') return
  throw new UsageError(
    `Expected --url to be an address without user, password and parameters: a token goes into ${variable} of the environment.`,
  )
}

/** What to do about an answer that says no to whoever asked; absent for every other one. */
export function mendOf(status: number, code: string | undefined, retryAfter: string | undefined): string | undefined {
  if (status === 401) return `Say who asks: a token in ${variable} of the environment, or --token.`
  if (status === 403 && code === 'permission_denied')
    return 'Ask an administrator for the permission; "gesta permissions explain" says what is missing.'
  if (status !== 429) return undefined
  return retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter)
    ? `Ask again in ${Number(retryAfter)} s.`
    : 'Ask again later.'
}

const emptyIsNone = (text: string | undefined): string | undefined => (text === '' ? undefined : text)
