// A route, and the contract that it serves.
import type { ExposedContract } from '@gesta/core/host'
import type { Role } from '@gesta/core'
import type { InputShape } from './input/input-shape.ts'
import type { PathTemplate } from './path-template.ts'
import type { Method } from './routes.ts'

/** A command or query with what is known about it before a request comes. */
export interface ServedContract {
  readonly exposed: ExposedContract
  readonly type: string
  readonly kind: 'command' | 'query'
  /** The role that the request runs as. */
  readonly role: Role
  readonly shape: InputShape
}
/** `default` is under /api, `custom` is the app's own, `call` is what the typed client uses, `runtime` tells of the app itself. */
export interface ServedRoute {
  readonly purpose: 'default' | 'custom' | 'call' | 'runtime'
  readonly method: Method
  readonly path: PathTemplate
  readonly served: ServedContract
}
