// Runs a subscriber on a store, prints the number of every order that it runs for, and stays until it is killed.
import { postgres } from '../../src/index.ts'
import type { PostgresOptions } from '../../src/index.ts'
import { mailApp } from '../mail-app.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as PostgresOptions
await mailApp((number) => console.log(number)).start({ store: postgres(options) })
setInterval(() => undefined, 60_000)
