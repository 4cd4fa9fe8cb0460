import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { readReply } from '../../src/redis/reply.ts'
import type { Reply } from '../../src/redis/reply.ts'

const line = fc.string().map((text) => text.replaceAll(/[\r\n]/g, ' '))
const { reply } = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.constant(null),
    line.map((text) => new Error(text)),
    fc.array(tie('reply'), { maxLength: 4 }),
  ),
}))

function written(given: Reply): string {
  if (given === null) return '$-1\r\n'
  if (given instanceof Error) return `-${given.message}\r\n`
  if (typeof given === 'number') return `:${given}\r\n`
  if (typeof given === 'string') return `$${Buffer.byteLength(given)}\r\n${given}\r\n`
  return `*${given.length}\r\n${given.map(written).join('')}`
}

test('a reply is read as it was written, and not before it is complete', () => {
  fc.assert(
    fc.property(reply, (given) => {
      const bytes = Buffer.from(written(given))
      assert.deepEqual(readReply(Buffer.concat([bytes, Buffer.from('+NEXT\r\n')])), { reply: given, end: bytes.length })
      for (let length = 0; length < bytes.length; length += 1)
        assert.equal(readReply(bytes.subarray(0, length)), undefined)
    }),
  )
})

test('a simple text is a text', () => {
  assert.deepEqual(readReply(Buffer.from('+PONG\r\n')), { reply: 'PONG', end: 7 })
})

test('what speaks another protocol is refused', () => {
  assert.throws(() => readReply(Buffer.from('HTTP/1.1 400 Bad Request\r\n')), /does not speak the protocol of Redis/)
})
