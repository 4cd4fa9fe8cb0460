// Header and detail as they are stored when whole payloads are sealed. A sealed text may come later, like everything that waits for a
// key: `waits` tells when it is there.
import type { CommandHeader } from '../stores/commit.ts'
import type { CommandDetail } from '../stores/command-log/command-record.ts'
import type { Sealing } from '../stores/event/sealing.ts'

/** Which command it is of. */
interface Named {
  readonly tenant: string
  readonly commandId: string
}

export function sealedHeader(
  header: CommandHeader,
  sealing: Sealing,
  { tenant, commandId }: Named,
  waits: Promise<unknown>[],
): CommandHeader {
  if (header.answer === undefined) return header
  const sealed = { ...header }
  put(sealing.answer(tenant, commandId, header.answer), (answer) => (sealed.answer = answer), waits)
  return sealed
}

export function sealedDetail(
  detail: CommandDetail | undefined,
  sealing: Sealing,
  { tenant, commandId }: Named,
  waits: Promise<unknown>[],
): CommandDetail | undefined {
  if (detail?.payload === undefined) return detail
  const sealed = { ...detail }
  put(sealing.payload(tenant, commandId, detail.payload), (payload) => (sealed.payload = payload), waits)
  return sealed
}

function put(text: string | Promise<string>, set: (text: string) => void, waits: Promise<unknown>[]): void {
  if (!(text instanceof Promise)) return set(text)
  const wait = text.then(set)
  wait.catch(() => undefined)
  waits.push(wait)
}
