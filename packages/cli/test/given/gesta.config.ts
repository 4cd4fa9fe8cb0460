// The app of the tests, on the file that the environment names.
import { sqlite } from '@gesta/sqlite'
import { defineConfig } from '../../src/index.ts'
import { app } from './orders-app.ts'

export default defineConfig({ app, store: () => sqlite(process.env['GESTA_TEST_STORE'] ?? '') })
