import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { findChromium } from '../../src/chromium/find-chromium.ts'

describe('Chromium', () => {
  test('that the environment names is the one, and another does not take its place', async () => {
    const { path, version } = await findChromium({ GESTA_TEST_CHROMIUM: process.execPath })
    assert.deepEqual([path, version], [process.execPath, process.versions.node])
    await assert.rejects(findChromium({ GESTA_TEST_CHROMIUM: '/nowhere/chromium' }), /ENOENT/)
  })

  test('that cannot be had is an error that says where it was looked for, and what to do', async () => {
    await assert.rejects(findChromium({ GESTA_TEST_SERVICES: '' }), (error: Error) => {
      assert.equal(error.name, 'ServiceMissing')
      assert.match(error.message, /^Chromium could not be had\.\n {2}GESTA_TEST_SERVICES allows nothing\n/)
      assert.match(error.message, /name the program of one in GESTA_TEST_CHROMIUM\.$/)
      return true
    })
  })
})
