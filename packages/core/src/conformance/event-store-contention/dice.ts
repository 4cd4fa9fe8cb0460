// Choices that look random and are the same in every run with the same seed.
import { numbersOf } from '../random-numbers.ts'

/** A whole number from 0 to `sides - 1`. */
export type Dice = (sides: number) => number

export function diceOf(seed: number): Dice {
  let numbers: readonly number[] = []
  let thrown = 0
  return (sides) => {
    const at = thrown % 64
    if (at === 0) numbers = numbersOf(seed * 8191 + thrown, 64)
    thrown += 1
    return (numbers[at] as number) % sides
  }
}
