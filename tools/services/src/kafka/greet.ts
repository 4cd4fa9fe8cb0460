// A conversation with a Kafka broker that shows what it is: it is asked which requests it knows, in which versions.
import { once } from 'node:events'
import { connect } from 'node:net'

const answersWithinMs = 10_000
const apiVersions = 18
const produce = 0
const deleteTopics = 20

/** Returns what there is to say instead of a version, which no broker tells. */
export async function greetKafka(url: string): Promise<string> {
  const known = await knownRequests(url)
  const version = known.get(produce)
  if (version === undefined) throw new Error('a server that takes no messages')
  return known.has(deleteTopics) ? `broker (Produce up to version ${version})` : 'mock cluster'
}

/** The mock cluster of librdkafka has no requests for administrators. */
export async function isMockCluster(url: string): Promise<boolean> {
  return !(await knownRequests(url)).has(deleteTopics)
}

/** Highest versions by the number of the request. https://kafka.apache.org/protocol.html#The_Messages_ApiVersions */
async function knownRequests(url: string): Promise<ReadonlyMap<number, number>> {
  const { protocol, hostname, port } = new URL(url)
  if (protocol !== 'kafka:') throw new Error(`expected a URL that begins with kafka:, got ${protocol}`)
  const socket = connect({ host: hostname, port: Number(port || 9092) })
  socket.setTimeout(answersWithinMs, () => socket.destroy(new Error(`no reply within ${answersWithinMs} ms`)))
  try {
    await once(socket, 'connect')
    // Length, request, its version, correlation id, no client id.
    const request = Buffer.alloc(14)
    request.writeInt32BE(10, 0)
    request.writeInt16BE(apiVersions, 4)
    request.writeInt16BE(-1, 12)
    socket.write(request)
    let received = Buffer.alloc(0)
    for await (const piece of socket) {
      received = Buffer.concat([received, piece as Buffer])
      if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) return readVersions(received)
    }
    throw new Error('the connection was closed')
  } finally {
    socket.destroy()
  }
}

/** Length, correlation id, error, count; then number, lowest and highest version of each. */
function readVersions(reply: Buffer): ReadonlyMap<number, number> {
  if (reply.length < 14 || reply.readInt16BE(8) !== 0) throw new Error('a reply that is none of Kafka')
  const known = new Map<number, number>()
  for (let left = reply.readInt32BE(10), at = 14; left > 0 && at + 6 <= reply.length; left -= 1, at += 6)
    known.set(reply.readInt16BE(at), reply.readInt16BE(at + 4))
  return known
}
