// The secret that seals what is about people. In production it comes from outside; to try the shop one is made and kept beside its data.
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

const bytesMin = 32

export interface ShopSecret {
  readonly secret: string
  /** Where a secret lies that nobody gave. Whoever has this file and the data can read both. */
  readonly keptIn: string | undefined
}

/** `SHOP_SECRET`, else the one that an earlier start kept, else a new one. */
export async function secretOf(env: NodeJS.ProcessEnv, dataDir: string): Promise<ShopSecret> {
  const given = env['SHOP_SECRET']
  if (given !== undefined) {
    if (Buffer.byteLength(given) < bytesMin)
      throw new RangeError(
        `Expected SHOP_SECRET to be text of at least ${bytesMin} bytes, received ${Buffer.byteLength(given)}. Make one with: openssl rand -base64 32`,
      )
    return { secret: given, keptIn: undefined }
  }
  const keptIn = join(dataDir, 'shop.secret')
  return { secret: (await keptSecret(keptIn)) ?? (await newSecret(dataDir, keptIn)), keptIn }
}

async function keptSecret(path: string): Promise<string | undefined> {
  try {
    const secret = (await readFile(path, 'utf8')).trim()
    if (secret !== '') return secret
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  throw new RangeError(`Expected ${path} to hold the secret of the shop, but it is empty. Put the secret back there.`)
}

/** Whole and on disk before anything is sealed by it. Of two that start at once both get the same one. */
async function newSecret(dataDir: string, path: string): Promise<string> {
  await mkdir(dataDir, { recursive: true })
  const made = `${path}.${process.pid}`
  await rm(made, { force: true })
  await using file = await open(made, 'wx', 0o600)
  await file.writeFile(`${randomBytes(32).toString('base64')}\n`)
  await file.sync()
  await link(made, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(made)
  return (await keptSecret(path)) ?? (await newSecret(dataDir, path))
}
