// The port of outgoing mail.
export interface Mail {
  /** The same when it is sent again, so that who passes it on may know that it was there. */
  readonly id: string
  readonly to: string
  readonly subject: string
  /** Plain text. */
  readonly text: string
}
/**
 * What came of a mail that was not taken. `refused`: it never will be, such as one to a mailbox that does not exist. `deferred`: its
 * recipient cannot be reached now, and others can.
 */
export type NotTaken = 'refused' | 'deferred'
/**
 * Sends mail. Not promised: that it arrives. What throws is sent again later, and later mails wait for it, so a mail may come twice. So what
 * is wrong with one mail alone must not throw: anybody can have mails sent to an address that makes trouble.
 * Reference: docs/reference/identity.md.
 */
export interface Mailer {
  send(mail: Mail, options: { readonly signal: AbortSignal }): Promise<void | NotTaken>
}
