// What every page has around what it says.
import { html } from '../docs/html.ts'
import type { Html } from '../docs/html.ts'
import { assets } from './paths.ts'

export interface Page {
  /** What the page is about; its heading. */
  readonly title: string
  readonly content: Html
  /** Default 200. */
  readonly status?: number | undefined
  /** Whether something was refused: the title says it first. */
  readonly failed?: boolean | undefined
  readonly retryAfterSeconds?: number | undefined
}

/** @param name what the app is called */
export function pageText(name: string, { title, content, failed }: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${failed === true ? 'Error: ' : ''}${title} – ${name}</title>
        <link rel="stylesheet" href="${assets.style}" />
        <script src="${assets.script}" defer></script>
      </head>
      <body>
        <header><p>${name}</p></header>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`.text
}
