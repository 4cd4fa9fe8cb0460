// What the command gesta works on here: the shop, on the file that `npm start` keeps.
import { defineConfig } from '@gesta/cli'
import { sqlite } from '@gesta/sqlite'
import { dataDirDefault, shopFile } from './src/open-shop.ts'
import { directory } from './src/people/directory.ts'
import { shop } from './src/shop.ts'

export default defineConfig({
  app: shop,
  store: () => sqlite(shopFile(process.env['DATA_DIR'] ?? dataDirDefault)),
  start: () => ({ directory }),
})
