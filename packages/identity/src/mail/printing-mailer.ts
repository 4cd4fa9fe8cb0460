// A mailer for development: what would be sent is printed.
import type { Mailer } from './mailer.ts'

/** Prints mails, with the codes in them: never where others read what is printed. */
export function printingMailer(print: (text: string) => void = toStandardError): Mailer {
  return {
    send: async ({ to, subject, text }) => print(`Mail to ${to}: ${subject}\n\n${text}\n`),
  }
}

function toStandardError(text: string): void {
  process.stderr.write(`${text}\n`)
}
