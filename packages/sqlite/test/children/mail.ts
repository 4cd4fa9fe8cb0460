// Runs a subscriber on a store, prints the number of every order that it runs for, and stays until it is killed.
import { sqlite } from '../../src/index.ts'
import { mailApp } from '../mail-app.ts'

await mailApp((number) => console.log(number)).start({ store: sqlite(process.argv[2] ?? '') })
setInterval(() => undefined, 60_000)
