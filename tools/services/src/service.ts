// What there is to know about a kind of server, so that one and the same search finds it, starts it and shares it.
import type { OwnServer } from './own/own-server.ts'

/** The programs of a server, found on this machine. */
export interface Programs {
  readonly folder: string
  readonly version: string
  /** Where they come from, for people. */
  readonly from: string
}

/** The part of a server that one run of tests has for itself. */
export interface OpenRun extends AsyncDisposable {
  /** What names this run's databases or keys. */
  readonly id: number
}

export interface Service {
  /** As files and functions here call it. */
  readonly name: string
  readonly title: string
  /** The environment variable that names a server. */
  readonly variable: string
  /** Where such servers listen by default, most likely one first. */
  readonly standardUrls: readonly string[]
  /** One package, or several with blanks between. */
  readonly debianPackage: string
  /** What a person can do when there is none. */
  readonly advice: string
  /** Has a conversation with the server, and returns its version. Throws when it is not the one that tests need. */
  greet(url: string): Promise<string>
  /** Throws an error that says where it has looked. */
  locate(way: 'path' | 'npm'): Promise<Programs>
  launch(programs: Programs): Promise<OwnServer>
  /** Marks a run as living, and removes what dead runs have left. Disposed, it removes what this run has left. */
  openRun(url: string): Promise<OpenRun>
}
