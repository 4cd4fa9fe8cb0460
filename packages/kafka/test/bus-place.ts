// Buses for tests, with times that suit a broker whose clock is fast.
import { kafkaBus } from '../src/index.ts'
import type { KafkaBus, KafkaOptions } from '../src/index.ts'
import { runtime } from './runtime.ts'

/** The mock cluster's clock is ten times faster: there a session of 20 s is one of 2 s, and a member that left is missed as long. */
export const quick = {
  sessionMs: 20_000,
  heartbeatMs: 300,
  fetchWaitMs: 200,
  redelivery: { firstMs: 1, maxMs: 20 },
} as const

export async function openTestBus(
  { brokers, prefix }: { readonly brokers: readonly string[]; readonly prefix?: string },
  options: Partial<KafkaOptions> = {},
): Promise<KafkaBus> {
  return kafkaBus({ brokers, prefix, ...quick, ...options }).open(runtime)
}
