// Hangs each command below what caused it: an event, a message, a job or another command. What causation ids say is not to be trusted, so
// circles are cut, and chains that are too long to be walked by recursion.
import { contextOf } from '../stores/stored-context.ts'
import type { TracedCommand, TracedEvent, TracedJob, TracedMessage } from './trace.ts'

/** While the tree is made, what follows is added. */
export type Growing<Node> = Omit<Node, 'followed'> & { readonly followed: TracedCommand[] }
export interface GrowingCommand extends Growing<Omit<TracedCommand, 'events' | 'messages' | 'jobs'>> {
  readonly events: readonly Growing<TracedEvent>[]
  readonly messages: readonly Growing<TracedMessage>[]
  readonly jobs: readonly Growing<TracedJob>[]
}

/** Where commands hang that an id caused, and the command that it is of. */
interface Place {
  readonly owner: GrowingCommand
  readonly followed: TracedCommand[]
}

/** Commands below each other at most; the next one of a longer chain is a root. */
export const depthMax = 500

/** The roots. Every command is in the tree once, among its neighbours in the given order. */
export function treeOf(commands: readonly GrowingCommand[]): readonly TracedCommand[] {
  const causes = causesOf(commands)
  cut(commands, causes)
  const roots: TracedCommand[] = []
  for (const command of commands) {
    const { followed = roots } = causes.get(command) ?? {}
    followed.push(command)
  }
  return roots
}

function causesOf(commands: readonly GrowingCommand[]): Map<GrowingCommand, Place> {
  const places = placesOf(commands)
  const causes = new Map<GrowingCommand, Place>()
  for (const command of commands) {
    const { causationId } = contextOf(command.record.context)
    const place = causationId === undefined ? undefined : places.get(causationId)
    if (place !== undefined) causes.set(command, place)
  }
  return causes
}

/** An id that can be read in two ways is first of all a command's, as in a question for it. */
function placesOf(commands: readonly GrowingCommand[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  const add = (id: string, owner: GrowingCommand, followed: TracedCommand[]): void => {
    if (!places.has(id)) places.set(id, { owner, followed })
  }
  for (const command of commands) add(command.record.commandId, command, command.followed)
  for (const part of ['events', 'messages', 'jobs'] as const)
    for (const command of commands) for (const { id, followed } of command[part]) add(id, command, followed)
  return places
}

/** Takes away causes until every walk along them ends, after `depthMax` steps. Looks at each command once. */
function cut(commands: readonly GrowingCommand[], causes: Map<GrowingCommand, Place>): void {
  const depths = new Map<GrowingCommand, number>()
  for (const start of commands) {
    const path = new Set<GrowingCommand>()
    let at: GrowingCommand | undefined = start
    while (at !== undefined && !depths.has(at) && !path.has(at)) {
      path.add(at)
      at = causes.get(at)?.owner
    }
    if (at !== undefined && path.has(at)) {
      causes.delete(at)
      depths.set(at, 0)
    }
    for (const command of [...path].toReversed()) {
      const cause = causes.get(command)
      const depth = cause === undefined ? 0 : (depths.get(cause.owner) ?? 0) + 1
      if (depth > depthMax) causes.delete(command)
      depths.set(command, depth > depthMax ? 0 : depth)
    }
  }
}
