// Numbers that look random and are the same in every run: what random steps of a suite are made from.

/** `count` whole numbers from 0 to 4,294,967,295. Another seed gives other ones. */
export function numbersOf(seed: number, count: number): readonly number[] {
  let state = (seed + 1) >>> 0
  return Array.from({ length: count }, () => {
    // xorshift: https://www.jstatsoft.org/article/view/v008i14
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  })
}
