// A line of those who wait. Joining and leaving cost an object and two pointers, where a set would hash a fresh object for
// every piece of work that ends before anybody calls.

/** One place in a line; a head is a place that nobody waits at. */
export class Place {
  before: Place | undefined = undefined
  after: Place | undefined = undefined

  /** Goes to the front of the line behind `head`. */
  join(head: Place): void {
    const { after } = head
    this.before = head
    this.after = after
    if (after !== undefined) after.before = this
    head.after = this
  }

  /** Leaves its line; a second time does nothing. */
  leave(): void {
    const { before, after } = this
    if (before === undefined) return
    before.after = after
    if (after !== undefined) after.before = before
    this.before = undefined
    this.after = undefined
  }
}
