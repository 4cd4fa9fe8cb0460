// Whose requests are counted together: those of one IPv4 address, or of one IPv6 network of 64 bits, which is what one household gets.
import { hash, randomBytes } from 'node:crypto'

/** Counters that there are at most: so many, and not one for each address that somebody makes up. */
const bucketBits = 16
/** Nobody outside can tell which addresses share a counter. */
const salt = randomBytes(16).toString('base64url')

export function addressKey(address: string): string {
  return hash('sha256', `${salt} ${networkOf(address)}`, 'hex').slice(0, bucketBits / 4)
}

export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').toLowerCase().split('::')
  const before = groupsOf(head)
  const after = tail === undefined ? [] : groupsOf(tail)
  const gap = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  const groups = [...before, ...Array<string>(gap).fill('0'), ...after]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}

function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':')
}
