// A connection to Redis, as small as its protocol: enough to greet a server and to tidy up after tests.
import { once } from 'node:events'
import { connect } from 'node:net'
import { readReply } from './reply.ts'
import type { Reply } from './reply.ts'

const answersWithinMs = 10_000

export interface RedisConnection extends Disposable {
  /** Sends one command and waits for its reply. An error reply is thrown. */
  call(...words: readonly string[]): Promise<Reply>
  /** Lets the process end although the connection is open; waiting for a reply keeps it alive. */
  unref(): void
}

/** `redis://user:password@127.0.0.1:6379/3`: password and database are optional. */
export async function connectRedis(url: string): Promise<RedisConnection> {
  const { protocol, hostname, port, username, password, pathname } = new URL(url)
  if (protocol !== 'redis:') throw new Error(`expected a URL that begins with redis:, got ${protocol}`)
  const socket = connect({ host: hostname, port: Number(port || 6379) }).setNoDelay(true)
  const waiting: PromiseWithResolvers<Reply>[] = []
  let received: Buffer = Buffer.alloc(0)
  let keepsAlive = true

  const fail = (error: Error): void => {
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  socket.setTimeout(answersWithinMs, () => {
    if (waiting.length > 0 || socket.connecting) socket.destroy(new Error(`no reply within ${answersWithinMs} ms`))
  })
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the connection was closed')))
  const settle = (): void => {
    for (let read = readReply(received); read; read = readReply(received)) {
      received = received.subarray(read.end)
      const waiter = waiting.shift()
      if (read.reply instanceof Error) waiter?.reject(read.reply)
      else waiter?.resolve(read.reply)
    }
    if (waiting.length === 0 && !keepsAlive) socket.unref()
  }
  socket.on('data', (piece: Buffer) => {
    received = Buffer.concat([received, piece])
    try {
      settle()
    } catch (error) {
      socket.destroy(error as Error)
    }
  })

  const connection: RedisConnection = {
    call: async (...words) => {
      if (socket.destroyed) throw new Error('the connection was closed')
      const waiter = Promise.withResolvers<Reply>()
      waiting.push(waiter)
      socket.ref()
      socket.write(
        [`*${words.length}`, ...words.flatMap((word) => [`$${Buffer.byteLength(word)}`, word]), ''].join('\r\n'),
      )
      return waiter.promise
    },
    unref: () => {
      keepsAlive = false
      socket.unref()
    },
    [Symbol.dispose]: () => void socket.destroy(),
  }
  try {
    await once(socket, 'connect')
    if (password !== '')
      await connection.call('AUTH', ...(username === '' ? [] : [username]), decodeURIComponent(password))
    if (pathname.length > 1) await connection.call('SELECT', pathname.slice(1))
    return connection
  } catch (error) {
    socket.destroy()
    throw error
  }
}
