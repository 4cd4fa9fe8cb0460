// @gesta/cli: what a configuration of the command gesta is written with. The command itself is main.ts.
export { defineConfig } from './config.ts'
export type { Config } from './config.ts'
