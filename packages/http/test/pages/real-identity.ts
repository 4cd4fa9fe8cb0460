// An app with the real identity behind the pages, and what tests need beside a browser: mails, codes, and the app itself as a caller.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { createApp, memory, systemContext, systemTenant } from '@gesta/core'
import type { RequestContext } from '@gesta/core'
import { hostOf } from '@gesta/core/host'
import { whenCaughtUp } from '@gesta/core/testing'
import { createIdentity } from '@gesta/identity'
import type { Mail } from '@gesta/identity'
import { serve } from '../../src/index.ts'
import type { ServeOptions } from '../../src/index.ts'

/** No list of known passwords has it. */
export const password = 'nine purple tractors hum'
export const tenantName = 'Bakery on the Hill'

export interface RealIdentity extends AsyncDisposable {
  /** Where people reach it, by name: browsers take passkeys for names alone. */
  readonly url: string
  readonly setUpCode: string
  /** Runs a command by its name and returns its result; throws for a rejection. */
  run(type: string, data: unknown, context?: RequestContext): Promise<unknown>
  /** A tenant; returns the id of a group in it that may do everything there. */
  newTenant(tenant: string): Promise<string>
  /** Mails an invitation and returns the link in it. */
  invite(tenant: string, group: string, email: string): Promise<string>
  /** The link in the last mail to somebody. */
  linkTo(email: string): Promise<string>
  /** An account that was set up, with a session of its own beside the browser's. */
  signedIn(email: string): Promise<RequestContext>
}

export async function serveRealIdentity(options: ServeOptions = {}): Promise<RealIdentity> {
  const mails: Mail[] = []
  const port = await freePort()
  const url = `http://localhost:${port}`
  const identity = createIdentity({
    url,
    name: 'Corner Shop',
    registration: 'open',
    mailer: { send: async (mail) => void mails.push(mail) },
  })
  const app = createApp('shop', { domains: [...identity.domains] })
  const running = await app.start({
    store: memory(),
    encryption: { secrets: [{ id: 'test', secret: 'a secret of tests that is long enough to seal with' }] },
    directory: identity.directory,
  })
  const opened = await identity.open(running)
  const server = await serve(running, { port, sessions: opened, pages: { name: 'Corner Shop' }, ...options })
  const host = hostOf(running)

  const run: RealIdentity['run'] = async (type, data, context = {}) => {
    const outcome = await host.dispatch({ type, data }, { context, role: 'web' })
    assert.ok(outcome.ok, `${type}: ${JSON.stringify(outcome)}`)
    return outcome.result
  }
  const linkTo = async (email: string): Promise<string> => {
    await whenCaughtUp(running)
    const mail = mails.findLast(({ to }) => to === email)
    const link = new RegExp(`${url}/\\S+#\\S+`).exec(mail?.text ?? '')?.[0]
    assert.ok(link !== undefined, `a mail to ${email} with a link`)
    return link
  }
  return {
    url,
    setUpCode: opened.setUpCode ?? '',
    run,
    linkTo,
    newTenant: async (tenant) => {
      await run('Tenant.Create', { tenantUuid: tenant, name: tenantName }, systemContext(systemTenant))
      const group = await run('Group.Create', { name: 'owners', permissions: ['*'] }, systemContext(tenant))
      return (group as { readonly groupUuid: string }).groupUuid
    },
    invite: async (tenant, group, email) => {
      await run('Invitation.Invite', { email, groups: [group] }, systemContext(tenant))
      return linkTo(email)
    },
    signedIn: async (email) => {
      const tokens = (await run('Auth.Login', { email, password })) as { readonly accessToken: string }
      const caller = await opened.callerOf(tokens.accessToken)
      assert.ok(caller !== undefined)
      return caller
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await opened[Symbol.asyncDispose]()
      await running[Symbol.asyncDispose]()
    },
  }
}

/** Links and passkeys name the port, so it has to be known before the server listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The six digits that an app on a phone shows (RFC 6238) for the secret of a key URI. `steps` later than now: each counts once. */
export function digitsOf(uri: string, steps = 0): string {
  const secret = new URL(uri).searchParams.get('secret') ?? ''
  const bits = secret
    .split('')
    .map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'))
  const bytes = (bits.join('').match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps))
  const hash = createHmac('sha1', Buffer.from(bytes)).update(counter).digest()
  const number = hash.readUInt32BE((hash.at(-1) ?? 0) & 15) & 0x7fff_ffff
  return String(number % 1_000_000).padStart(6, '0')
}
