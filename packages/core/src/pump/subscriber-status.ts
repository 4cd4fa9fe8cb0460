// What a process tells of a subscriber.

/**
 * `standby`: another process owns it, or none that is known. `live`: it follows the log. `retrying`: something failed, and it tries
 * again. `failed`: it stopped at an event. `diverged`: its place is in another history. `stopped`: it has not begun, or the app stops.
 */
export type SubscriberState = 'standby' | 'live' | 'retrying' | 'failed' | 'diverged' | 'stopped'
export interface SubscriberStatus {
  readonly name: string
  readonly durable: boolean
  readonly state: SubscriberState
  /** The last event that is done or was passed over; absent while another process owns it. */
  readonly position: number | undefined
  /** Events behind that one, as far as this process knows; absent while another process owns it. */
  readonly lag: number | undefined
  /** What went wrong last, as codes and names: nothing of what an error said. */
  readonly lastError: string | undefined
}
