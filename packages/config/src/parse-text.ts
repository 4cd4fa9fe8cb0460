// The text of a file as groups and values, and on which line each stands. What is wrong is told by line, never by content.
import type { ConfigLayer } from '@gesta/core'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import type { Document, Node } from 'yaml'
import { unreadable } from './read-file.ts'

/** Errors: `config_unreadable`. */
export function parseText(path: string, text: string, isJson: boolean): ConfigLayer {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    logLevel: 'silent',
  })
  const [error] = document.errors
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0])
    throw unreadable(`${path}:${line}`, `to be ${isJson ? 'JSON' : 'YAML'}`, error.code)
  }
  // YAML takes more than JSON does.
  if (isJson && !isJsonText(text)) throw unreadable(path, 'to be JSON', 'something else')
  return { values: valuesOf(path, document), where: (parts) => `${path}:${lineOf(document, parts, lines)}` }
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function valuesOf(path: string, document: Document.Parsed): unknown {
  try {
    // A few bytes of aliases can stand for gigabytes.
    return document.toJS({ maxAliasCount: 100 }) as unknown
  } catch {
    throw unreadable(path, 'to have few aliases', 'more than 100')
  }
}

/** Of the key itself, or of the nearest group above it. */
function lineOf(document: Document.Parsed, parts: readonly string[], lines: LineCounter): number {
  let at = 0
  let node: unknown = document.contents
  for (const part of parts) {
    if (!isMap(node)) break
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === part)
    if (pair === undefined) break
    at = (pair.key as Node).range?.[0] ?? at
    node = pair.value
  }
  return lines.linePos(at).line
}
