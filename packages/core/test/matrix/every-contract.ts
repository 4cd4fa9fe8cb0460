// An app that has every kind of contract and every kind of permission. What each function is meant to allow is said a second time in
// oracle.ts, in other words.
import { allOf, anyOf, command, deny, domain, handle, job, query } from '@gesta/core'
import type { Check } from '@gesta/core'
import { z } from 'zod'

const input = z.object({ owner: z.string().default('') })
const asked = { input }
const told = { input, result: z.string() }
type Input = z.infer<typeof input>

const open = command('Matter.Open', asked)
const look = query('Matter.Look', told)
const note = command('Matter.Note', asked)
const mine = query('Matter.Mine', told)
const file = command('Matter.File', asked)
const find = query('Matter.Find', told)
const weigh = command('Matter.Weigh', { ...asked, audited: true })
const seal = command('Matter.Seal', asked)
const peek = query('Matter.Peek', told)
const share = command('Matter.Share', asked)
const close = command('Matter.Close', asked)
const settle = command('Matter.Settle', asked)
const greet = command('Matter.Greet', asked)
const nobody = command('Matter.Nobody', asked)
const approve = command('Matter.ApproveIt', asked)
const haunt = command('Matter.Haunt', asked)
const nightly = job('Matter.Nightly', asked)
// Its domain has a name that begins like the other's, and a contract that is called the same.
const fileElsewhere = command('Matters.File', asked)

/** Who it belongs to may. */
export const ownerOnly: Check<Input> = ({ owner }, { identity }) =>
  owner !== '' && owner === identity ? undefined : deny('somebody else is its owner')
/** While nobody has frozen it. */
export const notFrozen: Check<Input> = ({ owner }) => (owner === 'frozen' ? deny('it is frozen') : undefined)

const nothing = async (): Promise<void> => undefined
const answer = async (): Promise<string> => 'answer'

export const matterDomain = domain('Matter', {
  customPermissions: [
    { name: 'Matter.Approve' },
    // Whoever oversees approves; the circle between the two last ones gives nobody anything else.
    { name: 'Matter.Oversee', implies: ['Matter.Approve', 'Matter.Advise'] },
    { name: 'Matter.Advise', description: 'May say what they think', implies: ['Matter.Assist'] },
    { name: 'Matter.Assist', implies: ['Matter.Advise'] },
  ],
  permissions: {
    'Matter.Open': 'anonymous',
    'Matter.Look': 'anonymous',
    'Matter.Note': 'authenticated',
    'Matter.Mine': 'authenticated',
    'Matter.File': 'authorized',
    'Matter.Find': 'authorized',
    'Matter.Weigh': 'authorized',
    'Matter.Seal': ownerOnly,
    'Matter.Peek': ownerOnly,
    'Matter.Share': anyOf('authorized', ownerOnly),
    'Matter.Close': allOf('authorized', notFrozen),
    'Matter.Settle': anyOf(allOf('authorized', notFrozen), ownerOnly),
    'Matter.Greet': anyOf(() => deny('never'), 'authenticated'),
    'Matter.Nobody': anyOf(),
    'Matter.ApproveIt': (_, caller) => (caller.holds('Matter.Approve') ? undefined : deny('may not approve')),
    'Matter.Haunt': (_, caller) => void caller.holds('Matter.Ghost'),
  },
  handlers: [
    handle(open, nothing),
    handle(look, answer),
    handle(note, nothing),
    handle(mine, answer),
    handle(file, nothing),
    handle(find, answer),
    handle(weigh, nothing),
    handle(seal, nothing),
    handle(peek, answer),
    handle(share, nothing),
    handle(close, nothing),
    handle(settle, nothing),
    handle(greet, nothing),
    handle(nobody, nothing),
    handle(approve, nothing),
    handle(haunt, nothing),
    handle(nightly, nothing),
  ],
})

export const mattersDomain = domain('Matters', {
  permissions: 'authorized',
  handlers: [handle(fileElsewhere, nothing)],
})
