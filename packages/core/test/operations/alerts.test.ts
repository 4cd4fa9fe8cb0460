// The example alert rules are about metrics, labels and names that there are.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { createApp, memory, operations } from '@gesta/core'
import { accountDomain } from '../account-domain.ts'

const rules = readFileSync(new URL('../../../../docs/operations/alerts.yml', import.meta.url), 'utf8')
const tried = readFileSync(new URL('../../../../docs/operations/alerts.test.yml', import.meta.url), 'utf8')
const page = readFileSync(new URL('../../../../docs/reference/operational-events.md', import.meta.url), 'utf8')

async function metricNames(): Promise<readonly string[]> {
  await using running = await createApp('test', { domains: [accountDomain] }).start({ store: memory() })
  return (await running.operations.metrics()).map(({ name }) => name)
}

describe('the example alert rules', () => {
  test('name metrics that an app has', async () => {
    const known = new Set(await metricNames())
    const named = new Set(rules.match(/gesta_\w+/g))
    assert.ok(named.size > 5)
    assert.deepEqual(
      [...named].filter((name) => !known.has(name)),
      [],
    )
  })

  test('have an expression, a severity and a summary each, and a name of their own', () => {
    const each = rules.split(/^ +- alert: /m).slice(1)
    const names = each.map((rule) => rule.slice(0, rule.indexOf('\n')))
    assert.equal(new Set(names).size, names.length)
    for (const rule of each)
      for (const part of ['expr: ', 'labels: { severity: ', 'summary: ']) assert.ok(rule.includes(part), rule)
  })

  test('are tried out, each of them', () => {
    for (const [, name = ''] of rules.matchAll(/- alert: (\w+)/g))
      assert.ok(tried.includes(`alertname: ${name}\n`), name)
  })
})

const skip = spawnSync('promtool', ['--version']).error === undefined ? false : 'promtool is not installed'

/** No dependency: where it is not installed this is skipped. */
describe("the example alert rules, as Prometheus's own tool has them", { skip }, () => {
  const cwd = new URL('../../../../docs/operations/', import.meta.url)
  for (const [what, args] of [
    ['are rules', ['check', 'rules', '--lint=all', '--lint-fatal', 'alerts.yml']],
    ['speak when they should, and not before', ['test', 'rules', 'alerts.test.yml']],
  ] as const)
    test(what, () => {
      const { status, stdout, stderr } = spawnSync('promtool', args, { cwd, encoding: 'utf8' })
      assert.equal(status, 0, stdout + stderr)
    })
})

describe('the reference of operational events', () => {
  test('names every operational event with its severity, and no other one', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` \| (critical|warning|info) \|/gm)].map(([, name, severity]) => [
      name,
      severity,
    ])
    assert.deepEqual(
      rows,
      Object.entries(operations).map(([name, [severity]]) => [name, severity]),
    )
  })

  test('names every metric of an app, and no other one', async () => {
    const named = [...page.matchAll(/^\| `(gesta_\w+)` \|/gm)].map(([, name]) => name)
    assert.deepEqual(new Set(named), new Set(await metricNames()))
    assert.equal(new Set(named).size, named.length)
  })
})
