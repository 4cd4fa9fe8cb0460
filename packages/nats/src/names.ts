// The names of topics, groups and event types in NATS: tokens of subjects, and names of streams and consumers. Any name becomes a
// token, and different names become different ones.
import { createHash } from 'node:crypto'

/** Characters after which a token is cut: a subject has to fit into the server's control line, and a stream's name into a folder's. */
const tokenLengthMax = 160

/**
 * Letters, digits, `-` and `_` stay; every other character is written as its bytes: `=2E` for `.`, which means something to NATS, as `*`,
 * `>` and spaces do. (A percent sign would be read by servers that print names with a format.) A long name is cut and ends in its hash.
 */
export function tokenOf(name: string): string {
  const token = encodeURIComponent(name)
    .replaceAll('%', '=')
    .replaceAll(/[.!~*'()]/g, (mark) => `=${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    // What begins with an underscore is NATS's own.
    .replace(/^_/, '=5F')
  if (token.length <= tokenLengthMax) return token === '' ? '=' : token
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 32)
  return `${token.slice(0, tokenLengthMax - 40)}~${hash}`
}

/** `Order.Placed` as the tokens of a subject. */
export function subjectOfType(type: string): string {
  const whole = type.split('.').map(tokenOf).join('.')
  return whole.length <= 2 * tokenLengthMax ? whole : tokenOf(type)
}

export interface TopicNames {
  readonly topic: string
  readonly stream: string
  /** What the subjects of the topic's events begin with. */
  readonly subject: string
  /** Of what was given up. */
  readonly deadStream: string
  /** What the subjects of dead letters begin with; then come group, sequence and type. */
  readonly deadSubject: string
}

/** Without a prefix the topic `orders` is the stream `orders` with the subjects `orders.>`. */
export function namesOf(topic: string, prefix: string | undefined): TopicNames {
  const token = tokenOf(topic)
  const [stream, subject] = prefix === undefined ? [token, token] : [`${prefix}~${token}`, `${prefix}.${token}`]
  return { topic, stream, subject, deadStream: `${stream}~dead`, deadSubject: `${subject}~dead` }
}
