// Reads server-sent events: text in pieces of any size, one block out for each blank line.

/** A block, as far as it was given. */
export interface EventBlock {
  readonly id?: string
  readonly event?: string
  readonly data?: string
  readonly retry?: string
}

/** A reader that is given text and calls `take` with each block that is complete. Lines end with LF or CRLF. */
export function createEventParser(take: (block: EventBlock) => void): (text: string) => void {
  let rest = ''
  let block: { -readonly [Field in keyof EventBlock]: string } = {}
  const line = (text: string): void => {
    if (text === '') {
      take(block)
      block = {}
      return
    }
    const colon = text.indexOf(':')
    const field = colon === -1 ? text : text.slice(0, colon)
    const value = colon === -1 ? '' : text.slice(colon + (text[colon + 1] === ' ' ? 2 : 1))
    if (field === 'data') block.data = block.data === undefined ? value : `${block.data}\n${value}`
    else if (field === 'id' || field === 'event' || field === 'retry') block[field] = value
  }
  return (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const each of lines) line(each.endsWith('\r') ? each.slice(0, -1) : each)
  }
}
