// @gesta/core/host: for authors of transports. A started app as HTTP and others serve it: untyped, by name.
export { hostOf, registerHost } from './app/running.ts'
export type { ExposedContract, Host, QueryAnswer, UntypedMessage } from './app/running.ts'
export type { ContractParts, RejectionOption } from './contracts/contract.ts'
export { codes } from './errors/codes.ts'
export type { ErrorCode } from './errors/codes.ts'
export { findGestaError, GestaError, isGestaError } from './errors/gesta-error.ts'
export { checkOptions, closest } from './schema/options.ts'
