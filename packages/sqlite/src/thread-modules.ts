// Where the modules of the threads lie: beside this one, as sources or as what was built from them.

/** The URL of a module of this folder. */
export function moduleUrl(
  name: 'writer-thread' | 'reader-thread' | 'view-thread' | 'side-thread' | 'crash-thread',
): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./${name}.${extension}`, import.meta.url)
}
