// Names in Kafka. A topic of ours may have any name; one of Kafka has letters, digits, dots, underscores and hyphens, at most 249.
// A name that Kafka takes stays as it is; any other one is written in escapes, or as its hash, under a mark of its own, so that no two
// names become one.
import { createHash } from 'node:crypto'

const lengthMax = 249
const legal = /^[A-Za-z0-9._-]+$/
const escapedMark = '_x.'
const hashedMark = '_h.'
const prefixLengthMax = 100

/** The topic of Kafka. */
export function topicName(prefix: string, topic: string): string {
  return prefix + fitting(topic, lengthMax - prefix.length)
}

/** The consumer group. Its name holds the topic's, because groups of one name are apart when their topics are. */
export function groupName(prefix: string, topic: string, group: string): string {
  return `${topicName(prefix, topic)}:${fitting(group, lengthMax)}`
}

/** `<topic>.<group>.dead`. */
export function deadTopicName(prefix: string, topic: string, group: string): string {
  const own = lengthMax - prefix.length
  const name = `${fitting(topic, own)}.${fitting(group, own)}.dead`
  return prefix + (name.length <= own ? name : hashed(name))
}

export function checkPrefix(prefix: string, where: string): void {
  if (prefix === '' || (legal.test(prefix) && prefix.length <= prefixLengthMax)) return
  throw new Error(
    `Expected prefix of ${where} to be at most ${prefixLengthMax} letters, digits, dots, underscores and hyphens, received another text.`,
  )
}

function fitting(name: string, max: number): string {
  const isMarked = name.startsWith(escapedMark) || name.startsWith(hashedMark)
  const written = legal.test(name) && !isMarked && name !== '.' && name !== '..' ? name : escaped(name)
  return written.length <= max ? written : hashed(name)
}

function escaped(name: string): string {
  const bytes = Array.from(Buffer.from(name), (byte) => {
    const character = String.fromCharCode(byte)
    return /[A-Za-z0-9.-]/.test(character) ? character : `_${byte.toString(16).padStart(2, '0')}`
  })
  return escapedMark + bytes.join('')
}

function hashed(name: string): string {
  return hashedMark + createHash('sha256').update(name).digest('hex')
}
