// How long a stream that was ended may take to leave.

/** Milliseconds in which a peer can read why; then its connection is cut. */
export const lingerMs = 1000
