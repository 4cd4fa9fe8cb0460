// The records themselves, cut into messages that the server takes. A body is never changed: a new one is written, and the old one erased.
import type { JetStreamManager, NextMsgRequest, SeqMsgRequest } from '@nats-io/jetstream'
import { chunkBytes } from './command-log-streams.ts'
import type { LogStreams } from './command-log-streams.ts'
import { apiCode } from './nats-errors.ts'

export interface Bodies {
  /** Sent before it returns; resolves with where the pieces lie. `token`: of `commandToken`. */
  write(token: string, bytes: Uint8Array): Promise<readonly number[]>
  /** `undefined` when it was erased. */
  read(pieces: readonly number[]): Promise<Uint8Array | undefined>
  /** Overwrites these pieces on the server's disk. */
  erase(pieces: readonly number[]): Promise<void>
  /** Overwrites all that lies there for one command up to a sequence, also what writers left that were interrupted. */
  sweep(token: string, upTo: number): Promise<void>
  lastSequence(): Promise<number>
}

export function createBodies(streams: LogStreams): Bodies {
  const { names, connection, ask, publish } = streams
  const { stream, subject } = names.bodies
  const piece = (seq: number): Promise<Uint8Array | undefined> =>
    ask(async (manager) => {
      // Any server of the cluster answers the first question; one that is behind does not know yet what its leader knows.
      const found =
        (await manager.direct.getMessage(stream, { seq })) ?? (await manager.streams.getMessage(stream, { seq }))
      return found?.data
    })
  const erase: Bodies['erase'] = async (pieces) => {
    await Promise.all(pieces.map((seq) => ask((manager) => eraseMessage(manager, stream, seq))))
  }
  return {
    write: async (token, bytes) => {
      const size = chunkBytes(connection)
      const sent: Promise<number | undefined>[] = []
      for (let at = 0; at < bytes.length; at += size)
        sent.push(publish(`${subject}.${token}`, bytes.subarray(at, at + size)))
      return (await Promise.all(sent)) as readonly number[]
    },
    read: async (pieces) => {
      const found = await Promise.all(pieces.map(piece))
      return found.every((each) => each !== undefined) ? Buffer.concat(found) : undefined
    },
    erase,
    sweep: async (token, upTo) => {
      // The client's types know it of direct questions alone, which a server that is behind may answer.
      const first: NextMsgRequest & SeqMsgRequest = { seq: 1, next_by_subj: `${subject}.${token}` }
      const oldest = () => ask((manager) => manager.streams.getMessage(stream, first))
      // One by one, because a purge of the stream does not overwrite.
      for (let found = await oldest(); found !== null && found.seq <= upTo; found = await oldest())
        await erase([found.seq])
    },
    lastSequence: async () => (await ask((manager) => manager.streams.info(stream))).state.last_seq,
  }
}

/** Deletes a message, and overwrites its bytes. One that is not there is no error. */
export async function eraseMessage(manager: JetStreamManager, stream: string, seq: number): Promise<void> {
  try {
    await manager.streams.deleteMessage(stream, seq, true)
  } catch (error) {
    // Servers have several codes for it.
    if (apiCode(error) === undefined || (await manager.streams.getMessage(stream, { seq })) !== null) throw error
  }
}
