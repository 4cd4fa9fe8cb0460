// What a password must be: long enough, and none that people try first. No rules about kinds of characters, and no date of expiry.
import { dictionary } from '@zxcvbn-ts/language-common'
import type { Settings } from '../options.ts'

/** Code points that a password may have. */
export const passwordLengthMax = 256

/** Made at the first use: tens of thousands of passwords that were found in breaches. */
let known: ReadonlySet<string> | undefined

/**
 * Why a password is refused; absent: it is not. Its length is counted in code points of its composed form (NFC).
 * @param about what is known of its owner: such as the address, its part before the @, the name of the app.
 */
export function checkPassword(
  password: string,
  { passwordLengthMin }: Pick<Settings, 'passwordLengthMin'>,
  about: readonly string[],
): 'too_short' | 'too_long' | 'common' | undefined {
  const text = password.normalize('NFC')
  const { length } = Array.from(text)
  if (length < passwordLengthMin) return 'too_short'
  if (length > passwordLengthMax) return 'too_long'
  known ??= new Set(dictionary['passwords-common'].map(folded))
  const guesses = new Set(about.map(folded))
  const isGuess = (word: string): boolean => known?.has(word) === true || guesses.has(word)
  const word = folded(text)
  const part = repeatedPart(word)
  return isGuess(word) || isGuess(part) || isGuess(withoutEnd(word)) || part.length <= 4 ? 'common' : undefined
}

/** What somebody knows who knows the address. */
export function aboutAddress(email: string, { name }: Pick<Settings, 'name'>): readonly string[] {
  return [email, email.slice(0, email.lastIndexOf('@')), name]
}

function folded(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

/** The part that a text repeats, such as `abc` of `abcabcabc`; the text itself when it repeats none. */
function repeatedPart(text: string): string {
  const length = `${text}${text}`.indexOf(text, 1)
  return text.slice(0, length)
}

/** Without the few digits and signs that people add to a password that is refused. */
function withoutEnd(text: string): string {
  return text.replace(/[\d\s\p{P}\p{S}]{1,4}$/u, '')
}
