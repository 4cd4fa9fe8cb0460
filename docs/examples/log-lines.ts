import { logDestination } from '@gesta/core'
import { shop } from './shop.ts'

await using running = await shop.start()
{
  await using lines = logDestination(running)
  // With pino: const logger = pino(lines)
  lines.write('{"level":30,"time":1795000000000,"msg":"imported","rows":3}\n')
  lines.write('{"level":50,"time":1795000001000,"msg":"row 4 is no order","tenant":"acme"}\n')
}
const { items } = await running.stores.log.list({ level: 'warn' })
for (const { level, tenant, text } of items) console.log(level, tenant, text)
