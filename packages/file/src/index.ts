// The public API of @gesta/file.
export { fileData } from './file-data.ts'
export type { FileDataOptions } from './file-data.ts'
export { fileSeen } from './file-seen.ts'
export type { FileSeenOptions } from './file-seen.ts'
export { openFileOutbox } from './outbox.ts'
export type { FileOutbox, FileOutboxOptions } from './outbox.ts'
