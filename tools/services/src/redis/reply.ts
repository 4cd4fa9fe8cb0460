// Replies of Redis, read from the bytes of its protocol (RESP 2).

/** An error reply is an `Error`, so that a list can hold one. */
export type Reply = string | number | null | Error | readonly Reply[]

export interface ReadReply {
  readonly reply: Reply
  /** The index behind its last byte. */
  readonly end: number
}

/** `undefined` when the reply is not complete yet. */
export function readReply(bytes: Buffer, start = 0): ReadReply | undefined {
  const lineEnd = bytes.indexOf('\r\n', start)
  if (lineEnd === -1) return undefined
  const kind = String.fromCharCode(bytes[start] ?? 0)
  const line = bytes.toString('utf8', start + 1, lineEnd)
  const end = lineEnd + 2
  switch (kind) {
    case '+':
      return { reply: line, end }
    case '-':
      return { reply: new Error(line), end }
    case ':':
      return { reply: Number(line), end }
    case '$':
      return readText(bytes, end, Number(line))
    case '*':
      return readList(bytes, end, Number(line))
    default:
      throw new Error('a server that does not speak the protocol of Redis')
  }
}

function readText(bytes: Buffer, start: number, length: number): ReadReply | undefined {
  if (length === -1) return { reply: null, end: start }
  const end = start + length + 2
  return bytes.length < end ? undefined : { reply: bytes.toString('utf8', start, end - 2), end }
}

function readList(bytes: Buffer, start: number, length: number): ReadReply | undefined {
  if (length === -1) return { reply: null, end: start }
  const list: Reply[] = []
  let end = start
  for (let index = 0; index < length; index += 1) {
    const read = readReply(bytes, end)
    if (!read) return undefined
    list.push(read.reply)
    end = read.end
  }
  return { reply: list, end }
}
