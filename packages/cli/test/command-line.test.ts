import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { commands } from '../src/commands.ts'
import { gesta, gestaHere } from './run-gesta.ts'

describe('wrong usage ends with 2 and says what was meant', () => {
  const refused = (title: string, args: readonly string[], message: RegExp): void =>
    void test(title, async () => {
      const { code, stdout, stderr } = await gestaHere(args)
      assert.equal(code, 2, stderr)
      assert.equal(stdout, '')
      assert.match(stderr, message)
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr)
    })
  refused('a command that there is not', ['store', 'inof'], /^gesta: usage: .*Did you mean "gesta store info"\?/)
  refused('a group that there is not', ['stor', 'info'], /Did you mean "gesta store info"\?/)
  refused('a group without a command', ['views'], /Expected one of "gesta views": list, remove/)
  refused('an option that there is not', ['store', 'info', '--jsn'], /has no option "--jsn"\. Did you mean "--json"\?/)
  refused('an option of another command', ['store', 'info', '--yes'], /has no option "--yes"/)
  refused('an option before the command', ['--json', 'store', 'info'], /Expected a command first/)
  refused(
    'a value that is missing',
    ['store', 'info', '--config', '--json'],
    /Expected --config FILE, received no FILE/,
  )
  refused('a value for a switch', ['store', 'info', '--json=yes'], /Expected --json without a value/)
  refused('an option that is given twice', ['store', 'info', '--json', '--json'], /received it twice/)
  refused('an operand that is missing', ['read-model', 'show'], /Expected NAME after "gesta read-model show"/)
  refused('an operand too many', ['store', 'info', 'a'], /Expected nothing after "gesta store info", received "a"/)
  refused(
    'a number that is none',
    ['views', 'remove', 'a', '--version', '1.5'],
    /--version to be a whole number from 1/,
  )
  refused('a needed option that is missing', ['views', 'remove', 'a'], /Expected --version, received none/)
  refused('a name and --all together', ['verify', 'read-model', 'a', '--all'], /either NAME or --all/)
  refused('a store of another kind', ['store', 'info', '--store', 'a.db'], /sqlite:PATH or --store postgres:URL/)
  refused('an address that is none', ['read-model', 'list', '--url', 'here'], /Expected --url to be an address/)
})

test('what is wrong goes to standard error, and the exit code tells of it', async () => {
  const { code, stdout, stderr } = await gesta(['store', 'inof'])
  assert.deepEqual([code, stdout], [2, ''])
  assert.equal(stderr, 'gesta: usage: There is no command "gesta store inof". Did you mean "gesta store info"?\n')
})

test('what somebody wrote is shown, and does not steer the terminal', async () => {
  const { stderr } = await gesta(['\u001B[2Jlist\u009B1m', '--json'])
  assert.match(stderr, /"gesta \\u001b\[2Jlist\\u009b1m"/)
  assert.ok(!stderr.includes('\u001B') && !stderr.includes('\u009B'))
})

test('without a command the list of commands is shown, and it ends with 2', async () => {
  const { code, stdout, stderr } = await gesta([])
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /gesta store info/)
})

test('help lists every command, and each one has help of its own', async () => {
  const { code, stdout } = await gestaHere(['help'])
  assert.equal(code, 0)
  for (const { name } of commands) assert.ok(stdout.includes(`gesta ${name}`), name)
  const one = await gestaHere(['help', 'store', 'fork'])
  assert.match(one.stdout, /--rebuild-views/)
  assert.deepEqual(await gestaHere(['store', 'fork', '--help']), one)
  assert.match((await gestaHere(['help', 'views'])).stdout, /gesta views list[^]*gesta views remove/)
  assert.equal((await gestaHere(['--help'])).stdout, stdout)
})

test('the version is the one of the package', async () => {
  const { version } = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    readonly version: string
  }
  assert.deepEqual(await gesta(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
})
