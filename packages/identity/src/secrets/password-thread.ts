// The thread that hashes passwords, one after the other, behind everything else that the machine has to do.
import { randomBytes } from 'node:crypto'
import { constants, getPriority, setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { hashSync, parseOptions, verifySync } from '@node-rs/argon2'
import type { PasswordAnswer, PasswordReply, PasswordWork } from './password-worker.ts'

/** What OWASP asks of argon2id at least (Password Storage Cheat Sheet); argon2id is the library's default. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

// On Linux a priority is a thread's own; elsewhere this would hold back the whole process.
if (process.platform === 'linux')
  try {
    setPriority(0, Math.max(getPriority(0), constants.priority.PRIORITY_BELOW_NORMAL))
  } catch {
    // Some containers forbid it. Then it competes like any other thread: there is one of it.
  }

/** Compared with where there is no hash, so that this takes as long. Nobody knows its password. */
const nobodys = hashSync(randomBytes(32), cost)

parentPort?.on('message', (work: PasswordWork) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the rule means windows
  parentPort?.postMessage(replyTo(work))
})

function replyTo(work: PasswordWork): PasswordReply {
  try {
    return { answer: work.do === 'hash' ? hashSync(work.password, cost) : compare(work.hash, work.password) }
  } catch (error) {
    return { failed: error instanceof Error ? error.message : 'it is no hash' }
  }
}

function compare(hash: string | undefined, password: string): PasswordAnswer {
  const isRight = verifySync(hash ?? nobodys, password)
  if (hash === undefined || !isRight) return 'wrong'
  const { memoryCost, timeCost } = parseOptions(hash)
  return memoryCost < cost.memoryCost || timeCost < cost.timeCost ? 'stale' : 'right'
}
