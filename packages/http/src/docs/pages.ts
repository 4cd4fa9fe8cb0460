// The pages for people: what is served, and what the codes of problems mean. Rendered on the server, without a script.
import type { RouteTable } from '../route-table.ts'
import { statuses, titleOf } from '../status.ts'
import type { ProblemCode } from '../status.ts'
import { contractSection } from './contract-section.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'

/** `/docs`. `origin` is where the server was asked, for lines that can be copied. */
export function overviewPage(
  name: string,
  { contracts, routes }: RouteTable,
  origin: string,
  sessions: boolean,
): string {
  const domains = Map.groupBy(contracts, ({ exposed }) => exposed.domain)
  const links = [...domains].map(
    ([domain, served]) =>
      html`<h2>${domain}</h2>
        <ul>
          ${served.map(({ type, kind }) => html`<li><a href="#${type}">${type.slice(domain.length + 1)}</a> <span class="kind">${kind}</span></li>`)}
        </ul>`,
  )
  const sections = [...domains].map(
    ([domain, served]) =>
      html`<h2 id="${domain}">${domain}</h2>
        ${served.map((contract) =>
          contractSection(
            contract,
            routes.filter((route) => route.served === contract && route.purpose !== 'call'),
            origin,
            sessions,
          ),
        )}`,
  )
  return page(
    name,
    html`<nav aria-label="Contracts">
        <p class="name">${name}</p>
        <p><a href="/docs/api">OpenAPI 3.1</a> · <a href="/docs/errors">Problems</a></p>
        ${links}
      </nav>
      <main>
        <h1>${name}</h1>
        <p>
          Commands change something and answer with a <code>token</code>; send it as <code>gesta-after</code> with a
          query to read what you wrote. With an <code>Idempotency-Key</code> a command can be sent again.
          <code>ETag</code> and <code>If-Match</code> carry the version of what you read and change. Everything that is
          no success is a problem, <code>application/problem+json</code>.
        </p>
        ${sessions ? whoAsks : undefined} ${sections}
      </main>`,
  )
}

const whoAsks = html`<p>
  Callers are known by <code>authorization: Bearer</code> with an access token, or for contracts that take a permission
  with the key of a service account; browsers by a cookie, from pages of this server alone.
</p>`

/** `/docs/errors`: the page behind the type of every problem. */
export function problemsPage(name: string): string {
  const codes = (Object.keys(statuses) as ProblemCode[]).toSorted(
    (a, b) => statuses[a] - statuses[b] || (a < b ? -1 : 1),
  )
  const rows = codes.map(
    (code) =>
      html`<tr id="${code}">
        <td>${statuses[code]}</td>
        <td><code>${code}</code></td>
        <td>${titleOf(code)}</td>
      </tr>`,
  )
  return page(
    `${name}: problems`,
    html`<main class="alone">
      <h1>Problems</h1>
      <p><a href="/docs">${name}</a></p>
      <table>
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Code</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </main>`,
  )
}

function page(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="/docs/style.css" />
      </head>
      <body>
        ${body}
      </body>
    </html>`.text
}
