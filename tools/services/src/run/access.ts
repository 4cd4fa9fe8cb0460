// How a test file gets a server: from the run that it is part of, or found here when it is run by hand.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import { findPrograms, findServer } from '../find.ts'
import { ServiceMissing } from '../service-missing.ts'
import type { Programs, Service } from '../service.ts'
import type { Environment } from '../ways.ts'
import { recordUse } from './record.ts'

/** A server that tests share, and the run that their databases or keys belong to. */
export interface SharedServer {
  readonly url: string
  readonly description: string
  readonly run: number
}

/** Something that tests need, or the reason why they cannot have it. */
export type Had<Thing> = { readonly thing: Thing; readonly missing?: undefined } | { readonly missing: string }

/** What a run has ready for its test files, per service. */
export interface Ready {
  readonly server?: Had<SharedServer> | undefined
  readonly programs?: Had<Programs> | undefined
}

/** What a test file makes of it. */
export interface Access<Thing> {
  /** For `describe` and `test`: `false`, or the reason. In CI always `false`, so that what is missing fails. */
  readonly skip: string | false
  /** Throws the reason when there is none. */
  get(): Thing
}

/** The variable that tells test files the folder of their run. */
export const runVariable = 'GESTA_TEST_RUN'
export const readyFile = (folder: string, { name }: Service): string => join(folder, `${name}.json`)

export const inCi = ({ CI: ci = '' }: Environment = process.env): boolean => !['', '0', 'false'].includes(ci)

export async function accessServer(service: Service): Promise<Access<SharedServer>> {
  const server = readyFor(service).server ?? (await had(shareServer(service)))
  if ('thing' in server) return granted(service, server.thing, server.thing.description)
  return denied(service, server.missing)
}

export async function accessPrograms(service: Service): Promise<Access<Programs>> {
  const programs = readyFor(service).programs ?? (await had(findPrograms(service)))
  if (!('thing' in programs)) return denied(service, programs.missing)
  const { version, from } = programs.thing
  return granted(service, programs.thing, `${service.title} ${version}, started by each test (${from})`)
}

/** Turns the error that there is none into a value. Other errors stay errors. */
export async function had<Thing>(search: Promise<Thing>): Promise<Had<Thing>> {
  try {
    return { thing: await search }
  } catch (error) {
    if (error instanceof ServiceMissing) return { missing: error.message }
    throw error
  }
}

/** By hand: the file's own, gone when its tests have ended. */
async function shareServer(service: Service): Promise<SharedServer> {
  const { url, description, ...found } = await findServer(service)
  const run = await service.openRun(url)
  after(async () => {
    await run[Symbol.asyncDispose]()
    await found[Symbol.asyncDispose]()
  })
  console.error(description)
  return { url, description, run: run.id }
}

function readyFor(service: Service): Ready {
  const folder = process.env[runVariable]
  if (folder === undefined) return {}
  try {
    return JSON.parse(readFileSync(readyFile(folder, service), 'utf8')) as Ready
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}

function granted<Thing>({ title }: Service, thing: Thing, description: string): Access<Thing> {
  record({ title, description })
  return { skip: false, get: () => thing }
}

/** Says at the end of the run that tests of this file did not run on the server that there is. */
export function recordNotRun({ title }: Service, reason: string): void {
  record({ title, notRun: reason })
}

function denied({ title }: Service, missing: string): Access<never> {
  record({ title, missing })
  return {
    skip: inCi() ? false : missing,
    get: () => {
      throw new Error(missing)
    },
  }
}

function record(use: Parameters<typeof recordUse>[1]): void {
  const folder = process.env[runVariable]
  if (folder !== undefined) recordUse(folder, use)
}
