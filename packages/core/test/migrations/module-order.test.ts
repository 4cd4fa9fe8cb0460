import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { MigrationModule } from '../../src/migrations/migration.ts'
import { orderModules } from '../../src/migrations/module-order.ts'

const nameOf = (index: number): string => `m${String.fromCodePoint(97 + ((index * 7) % 26))}${index}`
/** Modules by index; a pair of an edge says who depends on whom. */
const modulesOf = (count: number, edges: readonly (readonly [number, number])[]): readonly MigrationModule[] =>
  Array.from({ length: count }, (_, index) => ({
    name: nameOf(index),
    dependsOn: edges.filter(([from]) => from === index).map(([, to]) => nameOf(to)),
    migrations: [],
  }))
const names = (modules: readonly MigrationModule[]): readonly string[] => modules.map(({ name }) => name)

const countMax = 9
const edge = fc.tuple(fc.nat(countMax - 1), fc.nat(countMax - 1))
/** A module depends on those of lower index only, so there is no circle. */
const acyclic = fc.array(edge, { maxLength: 25 }).map((edges) =>
  modulesOf(
    countMax,
    edges.filter(([from, to]) => from > to),
  ),
)

describe('the order of modules', () => {
  test('has each module once, after all that it depends on', () => {
    fc.assert(
      fc.property(acyclic, (modules) => {
        const ordered = orderModules(modules)
        assert.deepEqual(names(ordered).toSorted(), names(modules).toSorted())
        for (const [index, { name, dependsOn = [] }] of ordered.entries()) {
          const before = names(ordered.slice(0, index))
          for (const dependency of dependsOn) assert.ok(before.includes(dependency), `${name} needs ${dependency}`)
        }
      }),
    )
  })

  test('is the same whatever order they are given in', () => {
    const given = acyclic.chain((modules) =>
      fc.tuple(fc.constant(modules), fc.shuffledSubarray([...modules], { minLength: countMax, maxLength: countMax })),
    )
    fc.assert(
      fc.property(given, ([modules, shuffled]) =>
        assert.deepEqual(names(orderModules(shuffled)), names(orderModules(modules))),
      ),
    )
  })

  test('takes those that depend on nothing by name', () => {
    assert.deepEqual(names(orderModules(['c', 'a', 'b'].map((name) => ({ name, migrations: [] })))), ['a', 'b', 'c'])
  })
})

describe('a circle', () => {
  test('is refused, and the message names one: each depends on the next, and the last on the first', () => {
    let circles = 0
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 25 }), (edges) => {
        const modules = modulesOf(countMax, edges)
        const dependencies = new Map(modules.map(({ name, dependsOn = [] }) => [name, dependsOn]))
        if (!hasCircle(dependencies)) return void orderModules(modules)
        circles += 1
        assert.throws(
          () => orderModules(modules),
          ({ message }: Error) => {
            const path = /circle: ([^.]+)\./.exec(message)?.[1]?.split(' → ') ?? []
            assert.ok(path.length >= 2, message)
            assert.equal(path[0], path.at(-1), message)
            assert.equal(new Set(path).size, path.length - 1, message)
            for (const [index, name] of path.slice(1).entries())
              assert.ok(dependencies.get(path[index] ?? '')?.includes(name), message)
            return true
          },
        )
      }),
    )
    assert.ok(circles > 10)
  })

  test('of one module, and of several behind others that are in none', () => {
    const modules = (edges: Readonly<Record<string, readonly string[]>>): readonly MigrationModule[] =>
      Object.entries(edges).map(([name, dependsOn]) => ({ name, dependsOn, migrations: [] }))
    assert.throws(() => orderModules(modules({ a: ['a'] })), /in a circle: a → a\./)
    const behind = modules({ log: [], a: ['log', 'b'], b: ['c'], c: ['d'], d: ['log', 'b'] })
    assert.throws(() => orderModules(behind), /in a circle: b → c → d → b\./)
  })
})

/** Takes away what depends on nothing that is left, as long as there is some; independent of how the order is found. */
function hasCircle(dependencies: ReadonlyMap<string, readonly string[]>): boolean {
  const left = new Map(dependencies)
  for (;;) {
    const free = [...left].filter(([, needs]) => needs.every((name) => !left.has(name)))
    if (free.length === 0) return left.size > 0
    for (const [name] of free) left.delete(name)
  }
}
