// `npm run check:docs`: the docs say what is true. Prints what is wrong and exits with 1.
// The first argument names another folder to check (used to plant violations).

import { readWorkspace, root } from '../workspace.ts'
import { claimsAreProven } from './claims.ts'
import { errorCodesAreDocumented } from './error-codes.ts'
import { examplesEqualTheirFiles, examplesOf, readmeShowsWhatItPrints } from './examples.ts'
import { linksResolve } from './links.ts'
import { differentOutputs } from './outputs.ts'
import { securityIsShown } from './security.ts'

const folder = process.argv[2] ?? root
const files = readWorkspace(folder)
const rules = [
  linksResolve,
  examplesEqualTheirFiles,
  readmeShowsWhatItPrints,
  claimsAreProven,
  securityIsShown,
  errorCodesAreDocumented,
]
const examples = examplesOf(files)
const violations = [...rules.flatMap((rule) => rule(files)), ...differentOutputs(examples, folder)]

for (const violation of violations) console.error(violation)
if (violations.length > 0) process.exit(1)
console.log(`Docs hold: ${files.filter(({ path }) => path.endsWith('.md')).length} files, ${examples.length} examples.`)
