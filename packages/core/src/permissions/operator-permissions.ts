// Permissions that every app has, because its operators are asked for them by name: on the admin address, with the runtime domain or without.
import type { CustomPermission } from './permission-entry.ts'

/** A contract of the same name takes the place of its entry here. */
export const operatorPermissions: readonly CustomPermission[] = [
  { name: 'Runtime.EventHandlerList', description: 'See the read models and subscribers of a process' },
  { name: 'Runtime.ControlEventHandler', description: 'Start, stop, pause and restore what handles events' },
  { name: 'Runtime.SystemInfo', description: 'See name, version and health of a process' },
  { name: 'Runtime.Metrics', description: 'See what is counted in a process' },
  { name: 'Runtime.Trace', description: 'See what a command led to' },
  { name: 'Runtime.ReissueCommand', description: 'Issue a recorded command again' },
  { name: 'Audit.Read', description: 'Read the audit log' },
  { name: 'Audit.Export', description: 'Export the audit log as text' },
  { name: 'Audit.Verify', description: 'Verify that the audit log is what was stored, and take checkpoints of it' },
]
