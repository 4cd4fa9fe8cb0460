// A disk that is full while views are written: a file system of a few megabytes, which only the child sees.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { runChildOnDisk } from './children/run.ts'
import { newStore } from './commits.ts'

const canMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0
const skip = canMount ? false : 'no file system can be mounted here, so there is no small disk to fill'

test(
  'a read model whose disk is full says so, commands go on, and it ends right when there is room',
  { skip },
  async () => {
    await using store = await newStore()
    const disk = join(dirname(store.path), 'disk')
    mkdirSync(disk)
    await using child = runChildOnDisk('full-disk-views.ts', { disk, mib: 4 }, store.path, disk)
    const lines: string[] = []
    for await (const line of child.lines) lines.push(line)
    assert.match(lines[0] ?? '', /^full: live, .*store_full/)
    assert.deepEqual(lines.slice(1), ['told: store_full', 'room: live, 0 differences in 20 rows, generation new: true'])
  },
)
