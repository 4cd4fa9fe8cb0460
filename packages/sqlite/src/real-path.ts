// The one name of a store's file, so that all names of it, by symbolic links, share the lock and the views that lie beside it.
import { readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

/** Links that one name may lead through while the file does not exist. */
const linksMax = 40

/**
 * The path of the file without symbolic links; while there is no file, that of the place where SQLite would make it.
 * What cannot be resolved is returned as it is: opening it says what is wrong.
 */
export function realPath(path: string): string {
  let place = path
  for (let links = 0; links <= linksMax; links += 1) {
    const file = tryTo(() => realpathSync.native(place))
    if (file !== undefined) return file
    const folder = tryTo(() => realpathSync.native(dirname(place)))
    if (folder === undefined) return path
    const own = join(folder, basename(place))
    const target = tryTo(() => readlinkSync(own))
    if (target === undefined) return own
    place = resolve(folder, target)
  }
  return path
}

function tryTo(find: () => string): string | undefined {
  try {
    return find()
  } catch {
    return undefined
  }
}
