// Code in the docs is code that runs. A fenced block whose first line is `// example: <path>` holds the content of that
// file; when the next fenced block is a `text` one, it holds what the file prints. Examples under docs/ always run.

import type { File } from '../workspace.ts'
import type { Rule } from '../tidy/rule.ts'
import { fencesOf } from './markdown.ts'

export interface Example {
  readonly markdown: string
  readonly line: number
  /** The file that the block names. */
  readonly path: string
  readonly text: string
  /** What it prints, if the docs say so. */
  readonly output: string | undefined
}

const marker = /^\/\/ example: (\S+)\n/

export function examplesOf(files: readonly File[]): Example[] {
  return files.filter(isDocumentation).flatMap((file) => {
    const fences = fencesOf(file.text)
    return fences.flatMap(({ language, text, line }, index) => {
      const path = language === 'ts' ? marker.exec(text)?.[1] : undefined
      if (path === undefined) return []
      const next = fences[index + 1]
      const output = next?.language === 'text' ? next.text : undefined
      return [{ markdown: file.path, line, path, text: text.replace(marker, ''), output }]
    })
  })
}

export const examplesEqualTheirFiles: Rule = (files) =>
  examplesOf(files).flatMap(({ markdown, line, path, text }) => {
    const example = files.find((file) => file.path === path)
    if (!example) return [`${markdown}:${line} names the example ${path}, which does not exist.`]
    const same = example.text.replace(marker, '').trim() === text.trim()
    return same ? [] : [`${markdown}:${line} differs from ${path}. Copy the file's content.`]
  })

/** The first code that a reader sees must be known to run. */
export const readmeShowsWhatItPrints: Rule = (files) =>
  examplesOf(files).some(({ markdown, output }) => markdown === 'README.md' && output !== undefined)
    ? []
    : ['README.md has no block "// example: <path>" that is followed by a text block with its output.']

const isDocumentation = ({ path }: File): boolean =>
  path.endsWith('.md') && (!path.includes('/') || path.startsWith('docs/'))
