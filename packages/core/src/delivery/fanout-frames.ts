// How events become bytes for one kind of stream. A frame is made once per event and shared by all clients of its format.

/** Why a client is told to read everything again: the ring no longer reaches back (`behind`), or never knew the id (`unknown`). */
export type ResyncReason = 'behind' | 'unknown'

/**
 * Why a stream ended: the server or hub stops; its audience was revoked; its caller is no longer known (`expired`) or is somebody
 * else or may see something else now (`changed`). A client that is too slow is cut, and told nothing.
 */
export type StreamEnd = 'stopping' | 'revoked' | 'expired' | 'changed'

/** What a stream consists of. Ids are opaque; `json` is the event's value as JSON text without line breaks. */
export interface FrameFormat {
  /** Comes first. `id`: the place from which the stream goes on; absent when a `resync` follows. */
  opening(retryMs: number, id: string | undefined): Uint8Array
  event(id: string, type: string, json: string): Uint8Array
  /** Keeps the connection in use, and moves a client on that was shown nothing for a while. */
  heartbeat(id: string): Uint8Array
  resync(id: string, reason: ResyncReason): Uint8Array
  /** Comes last. */
  closing(reason: StreamEnd): Uint8Array
}

/** `text/event-stream`. A block that has an id alone shows nothing, and moves the reader's last event id. */
export const eventStreamFormat: FrameFormat = {
  opening: (retryMs, id) => Buffer.from(`retry: ${retryMs}\n${id === undefined ? '' : `id: ${id}\n`}\n`),
  event: (id, type, json) => Buffer.from(`id: ${id}\nevent: ${type}\ndata: ${json}\n\n`),
  heartbeat: (id) => Buffer.from(`: heartbeat\nid: ${id}\n\n`),
  resync: (id, reason) => Buffer.from(`id: ${id}\nevent: resync\ndata: {"reason":"${reason}"}\n\n`),
  closing: (reason) => Buffer.from(`event: close\ndata: {"reason":"${reason}"}\n\n`),
}
