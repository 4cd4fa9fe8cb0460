// What an operator tells a read model, as the body of a request.
import type { ReadModelControl } from '@gesta/core/host'
import { bodyOf, flag, oneOf, optional, readFields, sentence, text, whole } from './fields.ts'
import type { Given } from './fields.ts'
import type { Change } from './gate.ts'
import { deadline, within } from './patience.ts'
import type { Asked, Told } from './route.ts'

const actions = ['start', 'stop', 'restart', 'pause', 'resume', 'restore', 'cancel'] as const
const parkedActions = ['retry', 'discard'] as const

const action = { action: oneOf(actions) }
const restore = { ...action, restoreFromZero: optional(flag), wait: optional(flag), deadlineMs: deadline }
const parkedAction = { action: oneOf(parkedActions) }
const retry = { ...parkedAction, tenant: text, key: text }
const discard = { ...parkedAction, position: whole(1, Number.MAX_SAFE_INTEGER), reason: sentence(1000) }

/** What the audit log has of a change. */
function changeOf({ name }: Asked, reason: string): Change {
  return { action: 'Runtime.ControlEventHandler', resource: `ReadModel/${name}`, reason }
}

const unknownEnd = 'It was told, and nobody knows yet what came of it. Ask for the status.'

/** Does what the body says, and answers with the status after it. */
export async function act(control: ReadModelControl, asked: Asked): Promise<Told> {
  const given = bodyOf(asked.body)
  const told = readFields({ action: given['action'] }, action).action
  if (told !== 'restore') {
    readFields(given, action)
    await within(asked.change(changeOf(asked, told), control[told]), asked, unknownEnd)
    return { body: control.status() }
  }
  const { restoreFromZero, wait, deadlineMs } = readFields(given, restore)
  const restoring = asked.change(changeOf(asked, restoreFromZero === true ? 'restore from zero' : 'restore'), () =>
    control.restore({ fromZero: restoreFromZero }),
  )
  const { done } = await within(restoring, asked, unknownEnd)
  // Whoever does not wait is told of a failure by the status.
  done.catch(() => undefined)
  if (wait !== true) return { body: control.status(), status: 202 }
  await within(done, asked, 'The restore goes on. The status tells how far it is.', deadlineMs)
  return { body: control.status() }
}

/** Tries parked events again, or passes one over, and answers with how many events it concerns. */
export async function actOnParked(control: ReadModelControl, asked: Asked): Promise<Told> {
  const given = bodyOf(asked.body)
  const told = readFields({ action: given['action'] }, parkedAction).action
  return { body: { events: await within(toldParked(control, asked, told, given), asked, unknownEnd) } }
}

function toldParked(
  control: ReadModelControl,
  asked: Asked,
  told: (typeof parkedActions)[number],
  given: Given,
): Promise<number> {
  if (told === 'retry') {
    const which = readFields(given, retry)
    return asked.change(changeOf(asked, `retry ${which.key}`), () => control.retryParked(which))
  }
  const which = readFields(given, discard)
  const why = `discard ${which.position}: ${which.reason}`
  return asked.change(changeOf(asked, why), () => control.discardParked(which))
}
