// Nothing that is committed depends on the place where it was written: no registry host, no path of one machine.

import type { Rule } from './rule.ts'

const registryHost = /\bregistry\.[a-z0-9-]+\.(?:org|com|io|dev)\b|"resolved": "https?:/
const machinePath = /(?<![\w.])\/(?:work|root|home\/\w+|Users\/\w+)\//
const sharedFolder = /\.\.\/shared\b/

export const noRegistryHosts: Rule = (files) =>
  files.filter(({ text }) => registryHost.test(text)).map(({ path }) => `${path} names the host of a package registry.`)

export const noMachinePaths: Rule = (files) =>
  files.filter(({ text }) => machinePath.test(text)).map(({ path }) => `${path} names a path of one machine.`)

export const onlyCiKnowsSharedData: Rule = (files) =>
  files
    .filter(({ path, text }) => path !== '.ci/run' && sharedFolder.test(text))
    .map(({ path }) => `${path} names the folder of shared data, which only .ci/run may know.`)

/** Core's dependencies come alone: whoever installs core gets what package.json shows. */
export const coreDependsOnLeavesOnly: Rule = (files) => {
  const manifest = files.find(({ path }) => path === 'packages/core/package.json')
  const lock = files.find(({ path }) => path === 'package-lock.json')
  if (!manifest || !lock) return []
  const { dependencies = {} } = JSON.parse(manifest.text) as { dependencies?: Record<string, string> }
  const { packages } = JSON.parse(lock.text) as { packages: Record<string, { dependencies?: object }> }
  return Object.keys(dependencies)
    .filter((name) => packages[`node_modules/${name}`]?.dependencies !== undefined)
    .map((name) => `packages/core depends on ${name}, which has dependencies of its own.`)
}
