// The command line of the import: what it takes, and what it says when that is wrong.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { dataDirDefault } from '../open-shop.ts'
import { concurrencyDefault, patienceMsDefault } from './run-import.ts'

export interface ImportArguments {
  readonly file: string
  readonly url: string | undefined
  readonly dataDir: string
  readonly concurrency: number
  readonly patienceMs: number
}
/** The command line is wrong; the message says how. */
export class Usage extends Error {}

export const usage = `Usage: npm run shop:import -- FILE [options]

Reads a table of invoices (CSV) and sends one command for each. It may be run again, also after it was killed:
what is recorded already is not recorded twice.

  --url URL           go through a running server; without it the store is opened here
  --data-dir DIR      folder of the store that is opened here (default: DATA_DIR, else ${dataDirDefault})
  --concurrency N     invoices in flight, 1 to 1024 (default: ${concurrencyDefault})
  --patience SECONDS  how long an invoice is sent again when nobody answers (default: ${patienceMsDefault / 1_000})
  --help              this text

Exit codes: 0 every invoice was decided, accepted or rejected; 1 something unexpected; 2 the command line is wrong;
3 the file cannot be read or is no table of invoices; 4 the store cannot be used; 5 the shop stopped answering;
6 done, but some invoices could not be read or decided; 130 interrupted.`

const options = {
  url: { type: 'string' },
  'data-dir': { type: 'string' },
  concurrency: { type: 'string' },
  patience: { type: 'string' },
  help: { type: 'boolean' },
} as const

/** `undefined`: help was asked for. Errors: `Usage`. */
export function readArguments(args: readonly string[], env: NodeJS.ProcessEnv): ImportArguments | undefined {
  const { values, positionals } = parsed(args)
  if (values.help === true) return undefined
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0)
    throw new Usage(`Expected one FILE, received ${positionals.length === 0 ? 'none' : positionals.join(' ')}.`)
  if (values.url !== undefined && values['data-dir'] !== undefined)
    throw new Usage('Expected --url or --data-dir, received both: a server has its own store.')
  // npm runs scripts in the package's folder and names the caller's here, so that a relative FILE means the same.
  const from = env['INIT_CWD'] ?? process.cwd()
  return {
    file: resolve(from, file),
    url: values.url === undefined ? undefined : address(values.url),
    dataDir: values['data-dir'] === undefined ? (env['DATA_DIR'] ?? dataDirDefault) : resolve(from, values['data-dir']),
    concurrency: whole('--concurrency', values.concurrency, concurrencyDefault, 1, 1_024),
    patienceMs: whole('--patience', values.patience, patienceMsDefault / 1_000, 0, 86_400) * 1_000,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new Usage(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function address(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new Usage(`Expected --url to be an address like http://localhost:3000, received "${text}".`)
  return text.replace(/\/+$/, '')
}

function whole(name: string, text: string | undefined, otherwise: number, least: number, most: number): number {
  if (text === undefined) return otherwise
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new Usage(`Expected ${name} to be a whole number from ${least} to ${most}, received "${text}".`)
  return value
}
