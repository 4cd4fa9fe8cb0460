// Opens an outbox, stores an event, and keeps it open until it is ended.
import { openFileOutbox } from '../../src/index.ts'
import { placed } from '../outbox-states.ts'

const [path = ''] = process.argv.slice(2)
const outbox = await openFileOutbox(path)
await outbox.storeEvents([placed(1)], { context: {}, signal: new AbortController().signal })
console.log('open')
setInterval(() => undefined, 60_000)
