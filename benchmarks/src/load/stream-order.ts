// What the process of the listening clients is told, and what it answers.

export type StreamOrder =
  /** Opens streams and answers when each has its head. */
  | {
      readonly kind: 'open'
      readonly name: string
      readonly url: string
      readonly path: string
      readonly clients: number
    }
  /** Answers when the streams of this name have got so many bytes since the last answer. */
  | { readonly kind: 'bytes'; readonly name: string; readonly bytes: number }
  /** Begins to read the time of sending in what comes, and answers. */
  | { readonly kind: 'time'; readonly name: string }
  /** Answers with the median of what each event took, when every stream of this name has got so many events. */
  | { readonly kind: 'latencies'; readonly name: string; readonly events: number }
  /** Reads nothing more from the streams of this name, and answers. */
  | { readonly kind: 'stall'; readonly name: string }
  /** Ends the streams of this name, and answers. */
  | { readonly kind: 'close'; readonly name: string }
export type StreamAnswer = { readonly medianUs: number } | { readonly failed: string }
