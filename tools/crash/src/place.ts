// A place: a store of the harness's own, how it is opened, and what can be done to it.
import type { OpenBackend } from '@gesta/core/ports'
import type { CrashPoint, CrashStep } from '@gesta/core/testing'
import type { Dice } from './dice.ts'
import type { Opening } from './protocol.ts'

/** Something that happens to whatever the writing process needs, and that the process must live through. */
export interface Harm {
  readonly name: string
  /** Resolves when the harm is over, and the process has everything that it needs again. */
  run(dice: Dice): Promise<void>
}
export interface Place extends AsyncDisposable {
  readonly store: Opening['store']
  /** At which a writing process can be ended. */
  readonly steps: readonly CrashStep[]
  readonly harms: readonly Harm[]
  /** What a writing process is told. */
  opening(crash?: CrashPoint): Opening
  /** Opens the store in this process, when no writer is left. */
  open(): Promise<OpenBackend>
  /** Resolves when nothing is being done any more for a writing process that has ended. */
  quiet(): Promise<void>
}
