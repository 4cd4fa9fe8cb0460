import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'

const here = import.meta.dirname
const root = join(here, '../../../..')

/** What the compiler says to these files, as it prints it. */
function compile(name: string, files: { readonly [file: string]: string }, options: object): string {
  const folder = join(root, '.tmp', name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  copyFileSync(join(here, 'shop.ts'), join(folder, 'shop.ts'))
  const compilerOptions = { customConditions: ['gesta-source'], noEmit: true, ...options }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions, files: Object.keys(files) }),
  )
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  return spawnSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { encoding: 'utf8', cwd: folder })
    .stdout
}
const mistakes = readFileSync(join(here, 'mistakes.ts'), 'utf8')
const expected = /^\s*\/\/ @ts-expect-error.*$/gm

describe('the compiler', () => {
  /** What it prints first for each mistake, by number. */
  const said = new Map<number, string>()
  before(() => {
    const text = mistakes.replaceAll(expected, '//')
    const lines = text.split('\n')
    // An error goes on in the lines that are indented.
    for (const error of compile('mistakes', { 'mistakes.ts': text }, {}).split(/\n(?! )/)) {
      const [, at, message] = /^mistakes\.ts\((\d+),\d+\): (.*)$/s.exec(error) ?? []
      if (at === undefined || message === undefined) continue
      const number = lines
        .slice(0, Number(at))
        .findLast((above) => /^\/\/ \d+ /.test(above))
        ?.match(/\d+/)?.[0]
      if (!said.has(Number(number))) said.set(Number(number), message)
    }
  })

  test('has something to say to every mistake, and to nothing else', () => {
    const numbers = [...mistakes.matchAll(/^\/\/ (\d+) /gm)].map(([, number]) => Number(number))
    assert.deepEqual(
      [...said.keys()].toSorted((a, b) => a - b),
      numbers,
    )
    assert.equal([...mistakes.matchAll(expected)].length, numbers.length)
  })

  const readable: readonly [number, string, RegExp][] = [
    [1, 'a wrong payload', /Type 'string' is not assignable to type 'number'/],
    [
      2,
      'an unknown field',
      /'customerID' does not exist in type .*Did you mean to write 'customerId'\?|Did you mean to write 'customerId'/,
    ],
    [5, 'an event that the aggregate does not fold', /"Order\.Shipped"/],
    [6, 'an unknown rejection', /Argument of type '"not_place"' is not assignable to parameter of type '"not_placed"'/],
    [9, 'a wrong result', /'total' does not exist in type '\{ totalPence: number; \}'/],
    [16, 'a missing permission', /Property '"Order\.Cancel"' is missing in type/],
    [17, 'a permission with a typing error', /"anonymus"/],
    [19, 'a command that no domain handles', /Command<"Billing\.Charge"/],
    [24, 'an unknown code', /'"order_exists" \| "over_limit"' and '"nope"' have no overlap/],
    [36, 'a personal field that is none', /Type '"nam"' is not assignable to type .*Did you mean '"name"'\?/],
    [37, 'a subject that is no text', /Type '"stars"' is not assignable to type '"name" \| "reviewerId" \| undefined'/],
    [38, 'a fold that forgets the erased', /Type 'Erased' is not assignable to type 'string'/],
    [
      40,
      'a revision that forgets a personal field',
      /say which fields are personal now: revise\(schema, upcast, \{ personal \}\)/,
    ],
    [41, 'an upcast that forgets the erased', /Property 'trim' does not exist on type 'string \| Erased'/],
    [
      43,
      'a subscriber of a presentation event',
      /'"presentation"' is not assignable to type '"domain" \| "integration"'/,
    ],
    [45, 'an unknown field of an event', /Property 'totalPense' does not exist on type '\{ customerId: string;/],
    [47, 'a chosen command id in a subscriber', /'commandId' does not exist in type 'SentOptions'/],
    [50, 'a command that is invalidated', /Type '"command"' is not assignable to type '"query"'/],
    [53, 'a history that is asked for by a text', /Type 'string' is not assignable to type 'HistoryAsked'/],
    [54, 'a history with a typing error', /Did you mean to write 'history'\?/],
    [56, 'an event in the place of a command', /Event<"domain", "Order\.Cancelled"/],
    [57, 'a wrong payload of what is sent', /Did you mean to write 'orderId'\?/],
    [59, 'a state of a process that is no JSON', /must survive JSON/],
    [51, 'an invalidated query of another domain', /Type '"Account\.Balance"' is not assignable to type '`Order\./],
  ]
  for (const [number, what, message] of readable) {
    test(`says what is wrong with ${what}`, () => {
      assert.match(said.get(number) ?? '', message)
    })
  }

  test('never mentions a schema library or any', () => {
    for (const message of said.values()) assert.doesNotMatch(message, /zod|Zod|\bany\b/)
  })

  test('writes declarations of inferred contracts without a schema library', () => {
    const options = { noEmit: false, declaration: true, emitDeclarationOnly: true, outDir: 'out' }
    assert.equal(compile('inferred', { 'shop.ts': readFileSync(join(here, 'shop.ts'), 'utf8') }, options), '')
    const declarations = globSync('out/**/shop.d.ts', { cwd: join(root, '.tmp/inferred') })
    assert.equal(declarations.length, 1)
    const text = readFileSync(join(root, '.tmp/inferred', declarations[0] ?? ''), 'utf8')
    assert.match(text, /over_limit: \{\s*limitPence: number;?\s*\}/)
    assert.doesNotMatch(text, /zod|\bany\b/i)
  })

  test('takes annotated contracts of a package that is published with isolatedDeclarations', () => {
    const files = { 'annotated.ts': readFileSync(join(here, 'annotated.ts'), 'utf8') }
    assert.equal(compile('annotated', files, { declaration: true, isolatedDeclarations: true }), '')
  })
})
