// Forms and their fields: labels, hints and errors that belong together for whoever reads, hears or types them.
import { html } from '../docs/html.ts'
import type { Html } from '../docs/html.ts'
import type { Failure } from './failure.ts'
import type { Page } from './page.ts'
import type { Visit } from './visit.ts'

export interface Field {
  /** As the contract names it: failures mark fields by this name. */
  readonly name: string
  readonly label: string
  readonly type: 'email' | 'password' | 'text'
  readonly autocomplete: 'username' | 'current-password' | 'new-password' | 'one-time-code' | 'name'
  /** What is asked for, said before it is typed. */
  readonly hint?: string | undefined
  /** What was typed before. Of passwords nothing is. */
  readonly value?: string | undefined
  /** Whether the text after # in the address belongs here: the code of a mail's link. */
  readonly fromFragment?: boolean | undefined
}

/** @param failure what was wrong with the form; if it is this field, the cursor stands here. */
function field(about: Field, failure: Failure | undefined): Html {
  const { name, label, type, autocomplete, hint, value, fromFragment } = about
  const failed = failure?.field === name
  const described = [...(failed ? [`${name}-error`] : []), ...(hint === undefined ? [] : [`${name}-hint`])]
  const attributes = [
    html` id="${name}" name="${name}" type="${type}" autocomplete="${autocomplete}" required`,
    described.length === 0 ? undefined : html` aria-describedby="${described.join(' ')}"`,
    failed ? html` aria-invalid="true" autofocus` : undefined,
    type === 'password' || value === undefined || value === '' ? undefined : html` value="${value}"`,
    autocomplete === 'one-time-code' ? html` autocapitalize="none" spellcheck="false"` : undefined,
    fromFragment === true ? html` data-fragment` : undefined,
  ]
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${hint === undefined ? undefined : html`<p class="hint" id="${name}-hint">${hint}</p>`}
    ${failed ? html`<p class="error" id="${name}-error">${failure.text}</p>` : undefined}
    <input${attributes} />
  </div>`
}

/** What is wrong with the form as a whole; the cursor stands there, so that it is read aloud. */
export function formFailure(failure: Failure | undefined, fields: readonly string[]): Html | undefined {
  if (failure === undefined || (failure.field !== undefined && fields.includes(failure.field))) return undefined
  return html`<p class="error" role="alert" tabindex="-1" autofocus>${failure.text}</p>`
}

interface FormParts {
  /** The page that it is sent to. */
  readonly action: string
  readonly fields: readonly Field[]
  readonly button: string
  readonly failure?: Failure | undefined
  /** What goes along unseen. */
  readonly hidden?: { readonly [name: string]: string | undefined } | undefined
}

export function form({ action, fields, button, failure, hidden = {} }: FormParts): Html {
  return html`<form method="post" action="${action}">
    ${formFailure(
      failure,
      fields.map(({ name }) => name),
    )}
    ${hiddenFields(hidden)} ${fields.map((one) => field(one, failure))}
    <button>${button}</button>
  </form>`
}

export function hiddenFields(hidden: { readonly [name: string]: string | undefined }): readonly Html[] {
  return Object.entries(hidden).flatMap(([name, value]) =>
    value === undefined ? [] : [html`<input type="hidden" name="${name}" value="${value}" />`],
  )
}

/** A page as it is, or with what a failure changes of it. */
export function failedPage(failure: Failure | undefined, page: Page): Page {
  if (failure === undefined) return page
  return { ...page, failed: true, status: failure.status, retryAfterSeconds: failure.retryAfterSeconds }
}

/** The code of a mail: its link puts it in, and without a script people paste it. */
export function codeField({ form: sent }: Visit): Field {
  return {
    name: 'code',
    label: 'Code',
    type: 'text',
    autocomplete: 'one-time-code',
    hint: 'It is in the mail. The link in the mail fills it in.',
    value: sent.text('code'),
    fromFragment: true,
  }
}
