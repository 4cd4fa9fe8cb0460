// What crosses the border of a package: adapters see core's ports, clients and examples its public entry points.

import type { File } from '../workspace.ts'
import type { Rule } from './rule.ts'
import { importsOf, isSource, isTypeScript } from './syntax.ts'

const adapters = ['file', 'sqlite', 'postgres', 'redis', 'nats', 'kafka']
const clients = ['http', 'identity', 'config', 'opentelemetry', 'console', 'cli']
const testSupport = /^@gesta\/core\/(?:testing|conformance)(?:\/|$)|^node:test$/
/** Tests and benchmarks run on it. */
const servers = '@gesta/services'

export const packagesAreKnown: Rule = (files) => {
  const names = new Set(files.filter(isSource).map((file) => packageOf(file.path)))
  return [...names]
    .filter((name) => !['core', ...adapters, ...clients].includes(name))
    .map(
      (name) => `packages/${name} is neither core, adapter nor client. Name its kind in tools/tidy/package-borders.ts.`,
    )
}

export const adaptersImportOnlyPorts: Rule = (files) =>
  sourcesOf(files, adapters).flatMap((file) =>
    gestaImports(file)
      .filter(({ specifier }) => specifier !== '@gesta/core/ports')
      .map(
        ({ specifier }) =>
          `${file.path} imports ${specifier}: an adapter imports @gesta/core/ports and its client only.`,
      ),
  )

export const coreImportsNoPackage: Rule = (files) =>
  sourcesOf(files, ['core']).flatMap((file) =>
    gestaImports(file).map(({ specifier }) => `${file.path} imports ${specifier}: core imports none of the packages.`),
  )

export const importsUseEntryPoints: Rule = (files) => {
  const entryPoints = new Set(files.flatMap(entryPointsOf))
  return files.filter(isTypeScript).flatMap((file) =>
    gestaImports(file)
      .filter(({ specifier }) => !entryPoints.has(specifier))
      .map(({ specifier }) => `${file.path} imports ${specifier}: no package exports this entry point.`),
  )
}

export const relativeImportsStayInside: Rule = (files) =>
  files.filter(isTypeScript).flatMap((file) => {
    const workspace = workspaceOf(file.path)
    return importsOf(file)
      .filter(({ path }) => path !== undefined && workspaceOf(path) !== workspace)
      .map(({ specifier }) => `${file.path} imports ${specifier}: import the package by its name.`)
  })

/** Inside core the floors say the same: no floor may import conformance or testing. */
export const productionImportsNoTestSupport: Rule = (files) =>
  files
    .filter((file) => isSource(file) || /^(?:examples\/[^/]+|benchmarks)\/src\//.test(file.path))
    .filter(isTypeScript)
    .flatMap((file) =>
      importsOf(file)
        .filter(
          ({ specifier }) =>
            testSupport.test(specifier) || (specifier === servers && !file.path.startsWith('benchmarks/')),
        )
        .map(({ specifier }) => `${file.path} imports ${specifier}: nothing in production imports test support.`),
    )

/** Two adapters can be read side by side, because a port has one file name: the one that it has in core. */
export const adaptersNameFilesAsPorts: Rule = (files) => {
  const ports = new Set(
    files.map(({ path }) => /^packages\/core\/src\/stores\/[^/]+\/(?!memory-)([^/]+-store\.ts)$/.exec(path)?.[1]),
  )
  return sourcesOf(files, adapters)
    .filter(({ path }) => path.endsWith('-store.ts') && !ports.has(path.split('/').at(-1)))
    .map(
      ({ path }) =>
        `${path}: core has no port of this name. Use the file name of the port in packages/core/src/stores.`,
    )
}

/** The typed client takes the app's types and none of its code, so that a browser loads a few bytes. */
export const clientTakesTypesOnly: Rule = (files) => {
  const client = 'packages/http/src/client/'
  return files
    .filter(({ path }) => path.startsWith(client))
    .filter(isTypeScript)
    .flatMap((file) =>
      importsOf(file)
        .filter(({ path, typeOnly }) => !typeOnly && !path?.startsWith(client))
        .map(({ specifier }) => `${file.path} imports ${specifier}: the client takes types only. Use import type.`),
    )
}

function entryPointsOf(file: File): string[] {
  if (!/^(?:packages|examples|tools)\/[^/]+\/package\.json$/.test(file.path)) return []
  const { name, exports = {} } = JSON.parse(file.text) as { name: string; exports?: Record<string, unknown> }
  return Object.keys(exports).map((subpath) => name + subpath.slice(1))
}

const gestaImports = (file: File): ReturnType<typeof importsOf> =>
  importsOf(file).filter(({ specifier }) => specifier.startsWith('@gesta/'))

const packageOf = (path: string): string => path.split('/')[1] ?? ''

const sourcesOf = (files: readonly File[], packages: readonly string[]): File[] =>
  files.filter((file) => isSource(file) && packages.includes(packageOf(file.path)))

const workspaceOf = (path: string): string =>
  /^(?:packages|examples)\/[^/]+/.exec(path)?.[0] ?? path.split('/')[0] ?? ''
