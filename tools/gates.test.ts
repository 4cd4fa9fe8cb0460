// The gates that are programs of others can fail with this configuration: each gets a folder with one violation.
// The rules of our own have their planted violations beside them (tools/tidy, tools/docs).

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { root } from './workspace.ts'

interface Gate {
  /** The program and its options, as the npm script has them. */
  readonly command: readonly [string, ...string[]]
  /** Configuration copied from the workspace. */
  readonly configuration: readonly string[]
  readonly planted: Readonly<Record<string, string>>
  readonly message: RegExp
}

const manifest = (fields: object): string =>
  JSON.stringify({ name: 'planted', version: '1.0.0', type: 'module', ...fields })
const lint = { command: ['oxlint'], configuration: ['.oxlintrc.json', 'tsconfig.base.json'] } as const
const lintProject = { 'tsconfig.json': '{ "extends": "./tsconfig.base.json", "include": ["**/*.ts"] }' }

const gates: Readonly<Record<string, Gate>> = {
  'format: double quotes and semicolons': {
    command: ['oxfmt', '--check', '.'],
    configuration: ['.oxfmtrc.json'],
    planted: { 'a.ts': 'export const a = "b";\n' },
    message: /a\.ts/,
  },
  'lint: a promise that nobody awaits': {
    ...lint,
    planted: { ...lintProject, 'a.ts': 'const a = async (): Promise<void> => {}\na()\n' },
    message: /no-floating-promises/,
  },
  'lint: a switch that leaves a case out': {
    ...lint,
    planted: {
      ...lintProject,
      'a.ts': "export function a(b: 'c' | 'd'): void {\n  switch (b) {\n    case 'c':\n      return\n  }\n}\n",
    },
    message: /switch-exhaustiveness-check/,
  },
  'lint: a package that prints': {
    ...lint,
    planted: { ...lintProject, 'packages/a/src/a.ts': "console.log('a')\n" },
    message: /no-console/,
  },
  'types: an index that may be absent': {
    command: ['tsc', '-p', 'tsconfig.packages.json'],
    configuration: ['tsconfig.base.json', 'tsconfig.packages.json'],
    planted: { 'packages/a/src/a.ts': "export const a: string = ['b'][1]\n" },
    message: /TS2322/,
  },
  'types: a published type that must be inferred': {
    command: ['tsc', '-p', 'tsconfig.packages.json'],
    configuration: ['tsconfig.base.json', 'tsconfig.packages.json'],
    planted: { 'package.json': manifest({}), 'packages/a/src/a.ts': 'export const a = Math.max(1, 2)\n' },
    message: /TS9010/,
  },
  'exports: a file that nothing uses': {
    command: ['knip'],
    configuration: ['knip.jsonc'],
    planted: {
      'package.json': manifest({ workspaces: ['packages/*'] }),
      'packages/a/package.json': manifest({ name: 'a', exports: './src/index.ts' }),
      'packages/a/src/index.ts': 'export {}',
      'packages/a/src/unused.ts': 'export {}',
    },
    message: /packages\/a\/src\/unused\.ts/,
  },
  'exports: an entry point without file': {
    command: ['publint', '--strict', '--pack', 'false'],
    configuration: [],
    planted: { 'package.json': manifest({ exports: './a.js' }) },
    message: /a\.js/,
  },
  'exports: an entry point without types': {
    command: ['attw', '--profile', 'esm-only', '--format', 'ascii', '--pack', '.'],
    configuration: [],
    planted: {
      'package.json': manifest({ exports: { '.': { types: './a.d.ts', default: './a.js' }, './b': './b.js' } }),
      'a.js': 'export {}',
      'a.d.ts': 'export {}',
      'b.js': 'export {}',
    },
    message: /No types/i,
  },
  'exports: an inferred type that a consumer cannot name': {
    command: ['tsc', '-p', '.', '--types', ''],
    configuration: [join('tools', 'exports', 'consumer', 'tsconfig.json')],
    planted: {
      'package.json': manifest({}),
      'node_modules/lib/package.json': JSON.stringify({ name: 'lib', type: 'module', exports: { '.': './index.js' } }),
      'node_modules/lib/index.d.ts': "export declare function make(): import('./hidden.js').Hidden\n",
      'node_modules/lib/hidden.d.ts': 'export interface Hidden { readonly a: 1 }\n',
      'a.ts': "import { make } from 'lib'\nexport const made = make()\n",
    },
    message: /TS2883|TS2742/,
  },
  'docs: a link to nothing': {
    command: ['node', join(root, 'tools', 'docs', 'main.ts'), '.'],
    configuration: [],
    planted: { 'README.md': '[a](nothing.md)\n' },
    message: /README\.md:1 links to nothing\.md/,
  },
}

describe('gates fail on', { concurrency: 2 }, () => {
  for (const [title, gate] of Object.entries(gates)) {
    test(title, (context) => {
      const folder = mkdtempSync(join(tmpdir(), 'gesta-gate-'))
      context.after(() => rmSync(folder, { recursive: true }))
      for (const file of gate.configuration) cpSync(join(root, file), join(folder, file.split(/[/\\]/).at(-1) ?? file))
      for (const [path, text] of Object.entries(gate.planted)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), text)
      }
      mkdirSync(join(folder, 'node_modules'), { recursive: true })
      symlinkSync(join(root, 'node_modules', '@types'), join(folder, 'node_modules', '@types'), 'junction')

      const { status, output } = execute(gate.command, folder)
      assert.notEqual(status, 0, output)
      assert.match(output, gate.message)
    })
  }

  test('test: a path without tests', () => {
    const { status, output } = execute(['node', join('tools', 'run-tests.ts'), 'packages/nowhere'], root)
    assert.equal(status, 1)
    assert.match(output, /Expected tests in packages\/nowhere, found none/)
  })

  test('every entry script: a Node that is too old', () => {
    const pretend =
      "Object.defineProperty(process, 'versions', { value: { node: '20.1.0' } }); require('./tools/require-node.cjs')"
    const { status, output } = execute(['node', '--input-type=commonjs', '--eval', pretend], root)
    assert.equal(status, 1)
    assert.match(output, /gesta needs Node 24\.6 or newer and this is Node 20\.1\.0/)
  })
})

function execute([program, ...options]: Gate['command'], cwd: string): { status: number | null; output: string } {
  const env = {
    ...process.env,
    PATH: [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
    NO_COLOR: '1',
  }
  const { status, stdout, stderr } = spawnSync(program, options, {
    cwd,
    env,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  return { status, output: stdout + stderr }
}
