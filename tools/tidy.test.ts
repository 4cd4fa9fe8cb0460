// The rules that keep the architecture visible. Each is a function in tools/tidy/, and tools/tidy/violations.test.ts
// plants a violation of each.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { noCircles } from './tidy/circles.ts'
import { exportsAreNamed, noAny, noDefaultExports, sourcesDoNotPrint } from './tidy/constructs.ts'
import { floorsHold } from './tidy/floors.ts'
import { costViolations, countInstantiations } from './tidy/instantiations.ts'
import { coreDependsOnLeavesOnly, noMachinePaths, noRegistryHosts, onlyCiKnowsSharedData } from './tidy/origins.ts'
import {
  adaptersImportOnlyPorts,
  adaptersNameFilesAsPorts,
  clientTakesTypesOnly,
  coreImportsNoPackage,
  importsUseEntryPoints,
  packagesAreKnown,
  productionImportsNoTestSupport,
  relativeImportsStayInside,
} from './tidy/package-borders.ts'
import type { Rule } from './tidy/rule.ts'
import {
  filesAreShort,
  namesAreKebabCase,
  namesSayWhatIsInside,
  packagesHaveTests,
  sourcesContainNoTests,
  testsAreFound,
} from './tidy/shape.ts'
import {
  contractsRunInBrowsers,
  coreOpensNoFileAndNoSocket,
  coreTakesTimeAndRandomnessFromOutside,
  exceptionsAreNeeded,
} from './tidy/surroundings.ts'
import { readWorkspace } from './workspace.ts'

const files = readWorkspace()
const holds = (title: string, rule: Rule): void => void test(title, () => assert.deepEqual(rule(files), []))

describe('floors', () => {
  holds('a folder of core imports itself and lower floors, in order inside a floor', floorsHold)
  holds('no files import each other in a circle', noCircles)
})

describe('packages', () => {
  holds('every package is core, an adapter or a client', packagesAreKnown)
  holds('core imports no other package', coreImportsNoPackage)
  holds('core depends on packages without dependencies only', coreDependsOnLeavesOnly)
  holds('adapters import core through its ports only', adaptersImportOnlyPorts)
  holds('adapters use the file names of the ports', adaptersNameFilesAsPorts)
  holds('packages import each other through public entry points', importsUseEntryPoints)
  holds('the typed client takes types only, no code', clientTakesTypesOnly)
  holds('relative imports stay inside their workspace', relativeImportsStayInside)
  holds('nothing in production imports conformance or testing', productionImportsNoTestSupport)
})

describe('surroundings', () => {
  holds('core takes clock, timers and randomness from its composition root', coreTakesTimeAndRandomnessFromOutside)
  holds('every exception to that is still needed', exceptionsAreNeeded)
  holds('core opens no file and no socket', coreOpensNoFileAndNoSocket)
  holds('contracts and request contexts run in a browser', contractsRunInBrowsers)
})

describe('files', () => {
  holds('no file has more than 400 lines', filesAreShort)
  holds('names are kebab-case', namesAreKebabCase)
  holds('names say what is inside', namesSayWhatIsInside)
  holds('src contains no tests', sourcesContainNoTests)
  holds('npm test finds every test', testsAreFound)
  holds('every package has tests', packagesHaveTests)
})

describe('constructs', () => {
  holds('no any', noAny)
  holds('no default exports', noDefaultExports)
  holds('no export *', exportsAreNamed)
  holds('sources of packages do not print', sourcesDoNotPrint)
})

describe('types', () => {
  test('an app of 200 contracts is cheap to check, and the cost grows with the contracts only', () => {
    // Measured with TypeScript 7.0.2: 162,467. The bound is one and a half times that.
    assert.deepEqual(costViolations([100, 200, 300].map(countInstantiations) as [number, number, number], 245_000), [])
  })
})

describe('origins', () => {
  holds('no file names the host of a registry', noRegistryHosts)
  holds('no file names a path of one machine', noMachinePaths)
  holds('only .ci/run knows the folder of shared data', onlyCiKnowsSharedData)
})
