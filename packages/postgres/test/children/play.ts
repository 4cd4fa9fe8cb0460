// One more process of a store: plays the parts that it is given, line by line, and prints what it has to tell of each.
import { createInterface } from 'node:readline'
import { playPart } from '@gesta/core/conformance/event-store-contention'
import type { Part } from '@gesta/core/conformance/event-store-contention'
import { postgres } from '../../src/index.ts'
import type { PostgresOptions } from '../../src/index.ts'
import { runtime } from '../runtime.ts'

/** What a line holds. */
export interface PlayRequest {
  readonly options: PostgresOptions
  readonly part: Part
}

for await (const line of createInterface({ input: process.stdin })) {
  const { options, part } = JSON.parse(line) as PlayRequest
  await using backend = await postgres(options).open(runtime)
  console.log(JSON.stringify(await playPart(part, backend.events, runtime.clock)))
}
