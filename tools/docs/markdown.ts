// The parts of a Markdown file that the docs gate looks at.

export interface Fence {
  readonly language: string
  readonly text: string
  readonly line: number
}

export interface Link {
  readonly target: string
  readonly line: number
}

const fenceStart = /^( *)(`{3,})(\w*).*$/
const inlineLink = /!?\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g
const definedLink = /^\[[^\]]+\]:\s+(\S+)/

export function fencesOf(markdown: string): Fence[] {
  const fences: Fence[] = []
  const lines = markdown.split('\n')
  for (let index = 0; index < lines.length; index += 1) {
    const [, indent = '', ticks = '', language = ''] = fenceStart.exec(lines[index] ?? '') ?? []
    if (ticks === '') continue
    const line = index + 1
    const text: string[] = []
    for (index += 1; index < lines.length && lines[index]?.trim() !== ticks; index += 1) {
      text.push((lines[index] ?? '').replace(indent, ''))
    }
    fences.push({ language, text: text.join('\n'), line })
  }
  return fences
}

export function linksOf(markdown: string): Link[] {
  return proseLines(markdown).flatMap((prose, index) => {
    const withoutCode = prose.replaceAll(/`[^`]*`/g, 'code')
    const targets = [...withoutCode.matchAll(inlineLink)].map((match) => match[1] ?? '')
    const defined = definedLink.exec(withoutCode)?.[1]
    return [...targets, ...(defined === undefined ? [] : [defined])].map((target) => ({ target, line: index + 1 }))
  })
}

/** Anchors as code hosts make them from headings, and those that are written as `<a id="...">`. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>()
  for (const line of proseLines(markdown)) {
    for (const [, id = ''] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id)
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    if (heading === undefined) continue
    const slug = slugOf(heading)
    let anchor = slug
    for (let repeated = 1; anchors.has(anchor); repeated += 1) anchor = `${slug}-${repeated}`
    anchors.add(anchor)
  }
  return anchors
}

/** The cells of each row of each table, without heading and ruler. */
export function tableRowsOf(markdown: string): string[][] {
  const lines = proseLines(markdown)
  const isRow = (line: string | undefined): boolean => line?.trimStart().startsWith('|') ?? false
  return lines
    .filter((line, index) => isRow(line) && isRow(lines[index - 1]) && !/^[\s|:-]+$/.test(line))
    .map((line) =>
      line
        .trim()
        .replaceAll(/^\||\|$/g, '')
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
}

function slugOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
}

/** Lines outside fences; those inside are empty, so that indexes stay line numbers. */
function proseLines(markdown: string): string[] {
  let ticks: string | undefined
  return markdown.split('\n').map((line) => {
    if (ticks !== undefined) {
      if (line.trim() === ticks) ticks = undefined
      return ''
    }
    ticks = fenceStart.exec(line)?.[2]
    return ticks === undefined ? line : ''
  })
}
