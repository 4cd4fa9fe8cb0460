// A flood of sign-ins, in a process of its own: so many a second, each of an unknown person from an address of its own, whatever the
// server answers. It says how they were answered when it is told to end.
import { Agent, request } from 'node:http'
import type { FloodAnswer, FloodOrder } from './start-flood.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 256 })
const tickMs = 10
let answered: Record<number, number> = {}
let sent = 0
let ticking: NodeJS.Timeout | undefined

function flood({ url, path, perSec }: FloodOrder): void {
  const { hostname, port } = new URL(url)
  const startedAt = performance.now()
  const sentBefore = sent
  const send = (): void => {
    const number = sent++
    const body = JSON.stringify({ email: `person${number}@flood.example`, password: `not the password ${number}` })
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      // The server is told to believe it: else one address would be throttled, and there would be no flood.
      'x-forwarded-for': `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
    }
    const asked = request({ hostname, port, path, method: 'POST', agent, headers }, (response) => {
      const status = response.statusCode ?? 0
      answered[status] = (answered[status] ?? 0) + 1
      response.resume()
    })
    // A server that ends meanwhile ends the flood.
    asked.on('error', () => undefined)
    asked.end(body)
  }
  ticking = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * perSec
    while (sent - sentBefore < due) send()
  }, tickMs)
}

process.on('message', (order: FloodOrder | 'end') => {
  clearInterval(ticking)
  if (order !== 'end') return flood(order)
  const answer: FloodAnswer = { answered }
  answered = {}
  process.send?.(answer)
})
