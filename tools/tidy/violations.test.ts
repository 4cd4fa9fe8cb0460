// Each rule of tools/tidy.test.ts can fail: one planted violation per rule, and what the rule says about it.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { noCircles } from './circles.ts'
import { exportsAreNamed, noAny, noDefaultExports, sourcesDoNotPrint } from './constructs.ts'
import { floorsHold } from './floors.ts'
import { costViolations } from './instantiations.ts'
import { coreDependsOnLeavesOnly, noMachinePaths, noRegistryHosts, onlyCiKnowsSharedData } from './origins.ts'
import {
  adaptersImportOnlyPorts,
  adaptersNameFilesAsPorts,
  clientTakesTypesOnly,
  coreImportsNoPackage,
  importsUseEntryPoints,
  packagesAreKnown,
  productionImportsNoTestSupport,
  relativeImportsStayInside,
} from './package-borders.ts'
import type { Rule } from './rule.ts'
import {
  filesAreShort,
  namesAreKebabCase,
  namesSayWhatIsInside,
  packagesHaveTests,
  sourcesContainNoTests,
  testsAreFound,
} from './shape.ts'
import {
  contractsRunInBrowsers,
  coreOpensNoFileAndNoSocket,
  coreTakesTimeAndRandomnessFromOutside,
} from './surroundings.ts'

const core = 'packages/core/src'
const manifest = '{ "name": "@gesta/core", "exports": { ".": {}, "./ports": {} } }'

function caught(title: string, rule: Rule, planted: Readonly<Record<string, string>>, ...messages: RegExp[]): void {
  test(title, () => {
    const violations = rule(Object.entries(planted).map(([path, text]) => ({ path, text })))
    assert.equal(violations.length, messages.length, violations.join('\n'))
    for (const [index, message] of messages.entries()) assert.match(violations[index] ?? '', message)
  })
}

const allowed = (title: string, rule: Rule, planted: Readonly<Record<string, string>>): void =>
  caught(title, rule, planted)

describe('floors', () => {
  caught(
    'a lower floor that imports a higher one',
    floorsHold,
    { [`${core}/errors/a.ts`]: "import { b } from '../app/b.ts'" },
    /errors may import nothing/,
  )
  caught(
    'the wrong way inside a floor',
    floorsHold,
    { [`${core}/time/a.ts`]: "import type { Ids } from '../ids/ids.ts'" },
    /time may import errors\.$/,
  )
  caught(
    'neighbours without an order',
    floorsHold,
    { [`${core}/audit/a.ts`]: "export { b } from '../cache/b.ts'" },
    /audit\/a\.ts imports \.\.\/cache/,
  )
  caught(
    'a higher floor behind import()',
    floorsHold,
    { [`${core}/schema/a.ts`]: "const b = await import('../pump/b.ts')" },
    /pump/,
  )
  caught(
    'a higher floor inside a type',
    floorsHold,
    { [`${core}/schema/a.ts`]: "type B = import('../pump/b.ts').B" },
    /pump/,
  )
  caught('a folder without a floor', floorsHold, { [`${core}/extras/a.ts`]: '' }, /extras is on no floor/)
  caught(
    'ports that show more than floor 2',
    floorsHold,
    { [`${core}/ports.ts`]: "export { a } from './pump/a.ts'" },
    /ports\.ts may import/,
  )
  caught(
    'production that imports conformance',
    floorsHold,
    { [`${core}/app/a.ts`]: "import { b } from '../conformance/b.ts'" },
    /app may import/,
  )
  allowed('a lower floor, also over a chain', floorsHold, {
    [`${core}/registry/a.ts`]: "import '../contracts/a.ts'\nimport '../request-context/a.ts'\nimport '../errors/a.ts'",
  })
  caught(
    'a circle of files',
    noCircles,
    {
      [`${core}/app/a.ts`]: "import './b.ts'",
      [`${core}/app/b.ts`]: "import './c.ts'",
      [`${core}/app/c.ts`]: "import type { A } from './a.ts'",
    },
    /app\/a\.ts -> .*b\.ts -> .*c\.ts -> .*a\.ts/,
  )
})

describe('packages', () => {
  caught('a package of no known kind', packagesAreKnown, { 'packages/extra/src/index.ts': '' }, /packages\/extra/)
  caught(
    'core that imports an adapter',
    coreImportsNoPackage,
    { [`${core}/app/a.ts`]: "import { sqlite } from '@gesta/sqlite'" },
    /@gesta\/sqlite/,
  )
  caught(
    'a dependency of core that brings more',
    coreDependsOnLeavesOnly,
    {
      'packages/core/package.json': '{ "dependencies": { "a": "1" } }',
      'package-lock.json': '{ "packages": { "node_modules/a": { "dependencies": { "b": "1" } } } }',
    },
    /core depends on a/,
  )
  caught(
    'an adapter that imports all of core',
    adaptersImportOnlyPorts,
    { 'packages/sqlite/src/a.ts': "import { createApp } from '@gesta/core'" },
    /@gesta\/core: an adapter/,
  )
  caught(
    'an adapter with a file name of its own for a port',
    adaptersNameFilesAsPorts,
    {
      [`${core}/stores/event/event-store.ts`]: '',
      'packages/sqlite/src/event-store.ts': '',
      'packages/sqlite/src/events-store.ts': '',
    },
    /events-store\.ts/,
  )
  caught(
    'an import past the entry points',
    importsUseEntryPoints,
    {
      'packages/core/package.json': manifest,
      'examples/shop/src/a.ts': "import '@gesta/core/ports'\nimport '@gesta/core/src/app/a.ts'",
    },
    /@gesta\/core\/src\/app/,
  )
  caught(
    'a client that brings code',
    clientTakesTypesOnly,
    {
      'packages/http/src/client/a.ts':
        "import './b.ts'\nimport type { App } from '@gesta/core'\nimport { codes } from '@gesta/core'",
    },
    /imports @gesta\/core: the client/,
  )
  caught(
    'a relative import into another package',
    relativeImportsStayInside,
    { 'packages/http/test/a.test.ts': "import '../../core/src/index.ts'" },
    /by its name/,
  )
  caught(
    'an example that imports test support',
    productionImportsNoTestSupport,
    { 'examples/shop/src/a.ts': "import '@gesta/core/testing'" },
    /test support/,
  )
  caught(
    'a package that imports the servers of tests',
    productionImportsNoTestSupport,
    { 'packages/postgres/src/a.ts': "import { startPostgres } from '@gesta/services'" },
    /test support/,
  )
})

describe('surroundings', () => {
  const uses: Readonly<Record<string, RegExp>> = {
    'Date.now()': /uses Date\.now/,
    'new Date()': /uses new Date\(\)/,
    'performance.now()': /uses performance/,
    'Math.random()': /uses Math\.random/,
    'setTimeout(() => 1, 1)': /uses setTimeout/,
    'const later = { setImmediate }': /uses setImmediate/,
    'crypto.randomUUID()': /uses crypto\.randomUUID/,
    "import { randomUUID } from 'node:crypto'": /randomUUID from node:crypto/,
    "import { setTimeout as sleep } from 'node:timers/promises'": /node:timers\/promises/,
    'globalThis.setInterval(() => 1, 1)': /uses globalThis\.setInterval/,
  }
  for (const [code, message] of Object.entries(uses)) {
    caught(
      `core that says ${code}`,
      (files) => coreTakesTimeAndRandomnessFromOutside(files).slice(0, 1),
      { [`${core}/time/a.ts`]: code },
      message,
    )
  }
  allowed('a given time, a method of that name, and the composition root', coreTakesTimeAndRandomnessFromOutside, {
    [`${core}/time/a.ts`]: 'new Date(1)\nclock.setTimeout()\ninterface A { performance: number }',
    [`${core}/app/a.ts`]: 'Date.now()',
  })
  caught(
    'core that opens a file',
    coreOpensNoFileAndNoSocket,
    { [`${core}/app/a.ts`]: "import { open } from 'node:fs/promises'" },
    /node:fs\/promises/,
  )
  caught(
    'a contract that needs Node over another file',
    contractsRunInBrowsers,
    {
      [`${core}/contracts/a.ts`]: "import { b } from '../ids/b.ts'",
      [`${core}/ids/b.ts`]: "import { hash } from 'node:crypto'",
    },
    /ids\/b\.ts imports node:crypto/,
  )
})

describe('files', () => {
  caught('a long file', filesAreShort, { [`${core}/app/a.ts`]: 'a()\n'.repeat(401) }, /401 lines/)
  caught('a name in another case', namesAreKebabCase, { [`${core}/app/eventStore.ts`]: '' }, /eventStore\.ts/)
  caught('an empty name of a folder', namesSayWhatIsInside, { [`${core}/utils/a.ts`]: '' }, /utils/)
  caught('an empty word in a name', namesSayWhatIsInside, { [`${core}/app/event-helpers.ts`]: '' }, /event-helpers/)
  caught('a test in src', sourcesContainNoTests, { [`${core}/app/a.test.ts`]: '' }, /src shows the architecture/)
  caught('a test where npm test does not look', testsAreFound, { 'packages/core/a.test.ts': '' }, /not run by npm test/)
  caught('a package without tests', packagesHaveTests, { [`${core}/index.ts`]: '' }, /packages\/core has no test/)
})

describe('constructs', () => {
  caught('any', noAny, { [`${core}/app/a.ts`]: '// any\nlet a: any[]' }, /a\.ts:2 uses any/)
  caught('a default export', noDefaultExports, { [`${core}/app/a.ts`]: 'export default 1' }, /default export/)
  caught('the default export of a configuration is none', noDefaultExports, {
    'examples/a/gesta.config.ts': 'export default 1',
  })
  caught('export *', exportsAreNamed, { [`${core}/index.ts`]: "export * from './app/a.ts'" }, /exports \*/)
  caught('a package that prints', sourcesDoNotPrint, { [`${core}/app/a.ts`]: "console.log('a')" }, /prints/)
})

describe('types', () => {
  test('an app that is dear to check', () => {
    assert.match(costViolations([100, 200, 300], 199)[0] ?? '', /200 instantiations, at most 199/)
  })
  test('contracts that make each other dearer', () => {
    assert.match(costViolations([100, 200, 400], 200)[0] ?? '', /2\.00 times/)
  })
})

describe('origins', () => {
  const host = ['registry', 'example', 'org'].join('.')
  const folder = (...names: string[]): string => `${names.join('/')}/`
  caught(
    'the host of a registry',
    noRegistryHosts,
    { 'package-lock.json': `"https://${host}/a.tgz"` },
    /host of a package registry/,
  )
  caught(
    'an address in the lock file',
    noRegistryHosts,
    { 'package-lock.json': ['"resolved"', ' "https://example.org/a.tgz"'].join(':') },
    /host/,
  )
  caught(
    'a path of one machine',
    noMachinePaths,
    { 'docs/a.md': `See ${folder('', 'work')}main.` },
    /path of one machine/,
  )
  caught(
    'a second file that knows shared data',
    onlyCiKnowsSharedData,
    { '.ci/run': folder('..', 'shared'), 'README.md': folder('..', 'shared') },
    /README\.md/,
  )
})
