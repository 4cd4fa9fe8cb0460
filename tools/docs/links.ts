// Relative links in Markdown lead to a file that exists, and their anchors to a heading in it.

import { posix } from 'node:path'
import type { Rule } from '../tidy/rule.ts'
import { anchorsOf, linksOf } from './markdown.ts'

const elsewhere = /^[a-z][a-z+.-]*:|^\/\//i

export const linksResolve: Rule = (files) => {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const folders = new Set(files.flatMap(({ path }) => foldersOf(path)))

  return files
    .filter(({ path }) => path.endsWith('.md'))
    .flatMap((file) =>
      linksOf(file.text).flatMap(({ target, line }) => {
        if (elsewhere.test(target)) return []
        const [linkedPath = '', anchor] = decodeURI(target).split('#')
        const path = linkedPath === '' ? file.path : posix.join(posix.dirname(file.path), linkedPath).replace(/\/$/, '')
        const linked = byPath.get(path)
        if (!linked && !folders.has(path)) return [`${file.path}:${line} links to ${target}: there is no ${path}.`]
        if (anchor !== undefined && path.endsWith('.md') && !anchorsOf(linked?.text ?? '').has(anchor)) {
          return [`${file.path}:${line} links to ${target}: ${path} has no heading for #${anchor}.`]
        }
        return []
      }),
    )
}

function foldersOf(path: string): string[] {
  const folder = posix.dirname(path)
  return folder === '.' ? ['.'] : [folder, ...foldersOf(folder)]
}
