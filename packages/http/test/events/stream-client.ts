// A plain client of server-sent events, over a connection of its own.
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { after } from 'node:test'
import { createHearing } from '@gesta/core/conformance/fanout'
import type { Asking, Listener } from '@gesta/core/conformance/fanout'
import { createEventParser } from '../../src/client/event-parser.ts'
import { askingHeaders, eventsUrl } from './events-app.ts'

/** A response that nobody reads would keep the process of the tests alive. */
const open = new Set<IncomingMessage>()
after(() => open.forEach((response) => response.destroy()))

/** Connects. Resolves when the stream is open; rejects with the `code` of the problem. */
export async function connectStream(url: string, asking: Asking): Promise<Listener> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = get(eventsUrl(url, asking), { agent: false, headers: askingHeaders(asking) }, resolve)
    request.on('error', reject)
  })
  if (response.statusCode !== 200) throw await refusalOf(response)
  open.add(response)
  const hearing = createHearing()
  const opened = Promise.withResolvers<void>()
  let reason: string | undefined
  let isOpen = false
  const parse = createEventParser(({ id, event, data = 'null' }) => {
    if (event === 'close') {
      ;({ reason } = JSON.parse(data) as { readonly reason: string })
    } else if (event === undefined || id === undefined) {
      hearing.hear({ kind: isOpen ? 'heartbeat' : 'open', id })
      isOpen = true
      opened.resolve()
    } else if (event === 'resync') {
      hearing.hear({ kind: 'resync', id, reason: (JSON.parse(data) as { readonly reason: string }).reason })
    } else hearing.hear({ kind: 'event', id, type: event, data: JSON.parse(data) })
  })
  response.setEncoding('utf8').on('data', parse)
  response.on('error', () => undefined)
  response.on('close', () => {
    open.delete(response)
    hearing.hear({ kind: 'end', reason })
    opened.reject(new Error('The stream ended before it was open.'))
  })
  await opened.promise
  return {
    next: hearing.next,
    stall: () => void response.pause(),
    leave: async () => void response.destroy(),
  }
}

async function refusalOf(response: IncomingMessage): Promise<Error> {
  const text = (await response.setEncoding('utf8').toArray()).join('')
  const { code } = JSON.parse(text) as { readonly code: string }
  return Object.assign(new Error(`refused with ${response.statusCode}`), { code, status: response.statusCode })
}
