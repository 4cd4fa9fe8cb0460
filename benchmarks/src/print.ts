// How rows are shown: a table for people, one object per line for programs.
import type { Machine } from './machine.ts'
import type { Row } from './row.ts'

const columns = [
  { title: 'suite', width: 14 },
  { title: 'case', width: 52 },
  { title: 'per second', width: 12 },
  { title: 'p50 µs', width: 10 },
  { title: 'p99 µs', width: 10 },
  { title: 'limit', width: 12 },
  { title: 'ratio', width: 8 },
  { title: 'durability', width: 12 },
] as const
const textColumns = 2

/** The command that was given and what it ran on. */
export function headLines(command: string, { cores, memory, system, node, disk }: Machine): readonly string[] {
  return [
    command,
    `cores ${cores} · memory ${memory} · ${system} · Node ${node} · disk ${disk}`,
    '',
    line(columns.map(({ title }) => title)),
  ]
}

export function tableLine(row: Row): string {
  return line([
    row.suite,
    row.case,
    whole(row.perSec),
    micros(row.p50us),
    micros(row.p99us),
    whole(row.limitPerSec),
    row.ratio.toFixed(3),
    row.durability,
  ])
}

export function jsonLine(row: Row): string {
  return JSON.stringify(row)
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell, at) =>
      at < textColumns ? cell.padEnd(columns[at]?.width ?? 0) : cell.padStart(columns[at]?.width ?? 0),
    )
    .join('')
}

function whole(value: number): string {
  return value.toLocaleString('en-US')
}

function micros(value: number | null): string {
  return value === null ? '-' : value.toLocaleString('en-US', { minimumFractionDigits: 1 })
}
