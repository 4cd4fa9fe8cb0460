// What a text of an environment, a flag or a secret means for a key: the text itself where its schema takes it, else the JSON that it is.
import { answerOf } from './answer-of.ts'
import type { ConfigKey } from './keys.ts'
import { isReference } from './reference.ts'

export function textValue(key: ConfigKey, text: string): unknown {
  if (isReference(text)) return text
  if ('value' in answerOf(key, text)) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
