// What core takes from its surroundings: no clock, timer or randomness of its own, no file, no socket;
// and where it must run in a browser, nothing of Node.

import type { File } from '../workspace.ts'
import type { Rule } from './rule.ts'
import { importsOf, isTypeScript, place, visit } from './syntax.ts'

const core = 'packages/core/src/'

/** The composition root passes the real clock, timers and randomness on. */
const compositionRoot = `${core}app/`

/** Files that may use globals for time or randomness all the same, and why. */
const exceptions: Readonly<Record<string, string>> = {
  'packages/core/src/registry/default-new-id.ts': 'a registry also works without an app, which would pass its ids',
  'packages/core/src/testing/fake-clock.ts':
    'a clock that stands still lets what is ready run by a turn of the event loop',
}

const functions = new Set(['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'performance'])
const members = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'crypto.randomUUID',
  'crypto.getRandomValues',
  'AbortSignal.timeout',
  'process.hrtime',
])
const modules = ['node:timers', 'node:timers/promises', 'node:perf_hooks']
const randomNames = [
  'randomUUID',
  'randomUUIDv7',
  'randomBytes',
  'randomInt',
  'randomFill',
  'randomFillSync',
  'webcrypto',
]
/** Threads are neither file nor socket; the composition root may start some. */
const threads = 'node:worker_threads'
const outside = /^node:(?:fs|net|tls|dgram|dns|http|https|http2|child_process|cluster|worker_threads|sqlite)(?:\/|$)/

export const coreTakesTimeAndRandomnessFromOutside: Rule = (files) =>
  coreFiles(files)
    .filter(({ path }) => !path.startsWith(compositionRoot) && exceptions[path] === undefined)
    .flatMap((file) =>
      [...moduleUses(file), ...globalUses(file)].map(
        (use) => `${use}: core takes clock, timers, randomness and ids from its composition root.`,
      ),
    )

export const exceptionsAreNeeded: Rule = (files) =>
  Object.keys(exceptions)
    .filter((path) => {
      const file = files.find((candidate) => candidate.path === path)
      return !file || [...moduleUses(file), ...globalUses(file)].length === 0
    })
    .map((path) => `${path} is an exception in tools/tidy/surroundings.ts that is not needed.`)

export const coreOpensNoFileAndNoSocket: Rule = (files) =>
  coreFiles(files).flatMap((file) =>
    importsOf(file)
      .filter(
        ({ specifier }) => outside.test(specifier) && !(file.path.startsWith(compositionRoot) && specifier === threads),
      )
      .map(({ specifier }) => `${file.path} imports ${specifier}: core opens no file and no socket.`),
  )

/** Contracts travel to browsers, and with them everything that they import. */
export const contractsRunInBrowsers: Rule = (files) => {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const reached = new Set(
    files.map(({ path }) => path).filter((path) => /^packages\/core\/src\/(?:contracts|request-context)\//.test(path)),
  )
  const violations: string[] = []
  // A set can grow while it is iterated; so this visits what is found on the way too.
  for (const path of reached) {
    const file = byPath.get(path)
    if (!file || !isTypeScript(file)) continue
    for (const { specifier, path: imported, typeOnly } of importsOf(file)) {
      if (typeOnly) continue
      if (specifier.startsWith('node:'))
        violations.push(`${path} imports ${specifier}: contracts use it and must run in a browser.`)
      if (imported !== undefined) reached.add(imported)
    }
  }
  return violations
}

const coreFiles = (files: readonly File[]): File[] =>
  files.filter((file) => file.path.startsWith(core) && isTypeScript(file))

interface Key {
  readonly key: { readonly start: number }
  readonly computed: boolean
  readonly shorthand?: boolean
}

function globalUses(file: File): string[] {
  const uses: string[] = []
  const propertyNames = new Set<number>()
  const report = (name: string, offset: number): void => void uses.push(`${place(file, offset)} uses ${name}`)
  const skip = ({ key, computed, shorthand }: Key): void => {
    if (!computed && !shorthand) propertyNames.add(key.start)
  }
  visit(file, {
    MemberExpression: ({ object, property, computed, start }) => {
      if (computed || property.type !== 'Identifier') return
      propertyNames.add(property.start)
      if (object.type !== 'Identifier') return
      const name = `${object.name}.${property.name}`
      if (members.has(name)) report(name, start)
      if (object.name === 'globalThis' && functions.has(property.name)) report(name, start)
    },
    Property: skip,
    PropertyDefinition: skip,
    MethodDefinition: skip,
    TSPropertySignature: skip,
    TSMethodSignature: skip,
    NewExpression: ({ callee, arguments: given, start }) => {
      if (callee.type === 'Identifier' && callee.name === 'Date' && given.length === 0) report('new Date()', start)
    },
    CallExpression: ({ callee, start }) => {
      if (callee.type === 'Identifier' && callee.name === 'Date') report('Date()', start)
    },
    Identifier: ({ name, start }) => {
      if (functions.has(name) && !propertyNames.has(start)) report(name, start)
    },
  })
  return uses
}

const moduleUses = (file: File): string[] =>
  importsOf(file)
    .filter(
      ({ specifier, names }) =>
        modules.includes(specifier) ||
        (specifier === 'node:crypto' && names.some((name) => name === '*' || randomNames.includes(name))),
    )
    .map(({ specifier, names }) => `${file.path} imports ${names.join(', ')} from ${specifier}`)
