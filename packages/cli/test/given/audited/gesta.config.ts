// The audited app of the tests, on the file that the environment names.
import { sqlite } from '@gesta/sqlite'
import { defineConfig } from '../../../src/index.ts'
import { audited } from '../audited-app.ts'

export default defineConfig({ app: audited, store: () => sqlite(process.env['GESTA_TEST_STORE'] ?? '') })
