// What the page says about one command or query.
import { jsonSchemaOf } from '../json-schema.ts'
import { offersHistory } from '../openapi/history.ts'
import { codesOfRoute } from '../openapi/codes-of-route.ts'
import { rejectionStatus } from '../served-route.ts'
import type { ServedContract, ServedRoute } from '../served-route.ts'
import { titleOf, typeOf } from '../status.ts'
import { curlOf } from './curl.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { typeText } from './type-text.ts'

export function contractSection(
  served: ServedContract,
  routes: readonly ServedRoute[],
  origin: string,
  sessions: boolean,
): Html {
  const { type, kind, exposed } = served
  const shown = routes.toSorted((a, b) => rank(a) - rank(b))
  const [first] = shown
  return html`<section id="${type}">
    <h3>${type} <span class="kind">${kind}</span> <span class="who">${who(exposed.permission)}</span></h3>
    ${shown.map(({ method, path }) => html`<p class="route"><b class="${method}">${method}</b> <code>${path.text}</code></p>`)}
    ${inputTable(served)} ${resultLine(served)} ${historyLine(served)} ${rejectionTable(served)}
    ${first === undefined ? undefined : problemTable(first, sessions)}
    ${first === undefined ? undefined : html`<pre>${curlOf(first, origin)}</pre>`}
  </section>`
}

function rank({ purpose }: ServedRoute): number {
  return purpose === 'custom' ? 0 : 1
}

function who(permission: string): string {
  return permission === 'custom' ? 'a rule decides' : permission
}

function inputTable({ shape }: ServedContract): Html {
  if (shape.kind === 'none') return html`<p class="none">No input.</p>`
  if (shape.kind === 'unknown')
    return html`<p class="none">
      The schema of the input has no form in JSON Schema; the server checks it all the same.
    </p>`
  if (shape.kind === 'value') return html`<p>Input: <code>${typeText(shape.schema, shape.schema)}</code></p>`
  const rows = [...shape.fields].map(
    ([name, { schema, required }]) =>
      html`<tr>
        <td><code>${name}</code></td>
        <td><code>${typeText(schema, shape.schema)}</code></td>
        <td class="required">${required ? 'required' : ''}</td>
      </tr>`,
  )
  const others = shape.open
    ? html`<tr>
        <td colspan="3">Other fields are taken as well.</td>
      </tr>`
    : undefined
  return html`<table>
    <caption>
      Input
    </caption>
    <thead>
      <tr>
        <th scope="col">Field</th>
        <th scope="col">Type</th>
        <th scope="col"></th>
      </tr>
    </thead>
    <tbody>
      ${rows}${others}
    </tbody>
  </table>`
}

function resultLine({ exposed, kind }: ServedContract): Html | undefined {
  const { result } = exposed.contract
  if (result === undefined)
    return kind === 'command'
      ? html`<p>Result: none; the answer carries <code>token</code> and <code>commandId</code>.</p>`
      : undefined
  const schema = jsonSchemaOf(result, 'output')
  return html`<p>Result: <code>${schema === undefined ? 'any' : typeText(schema, schema)}</code></p>`
}

function historyLine(served: ServedContract): Html | undefined {
  if (!offersHistory(served)) return undefined
  return html`<p>With <code>includeHistory=true</code> the answer has the history of what it shows.</p>`
}

function rejectionTable(served: ServedContract): Html | undefined {
  const rows = Object.entries(served.exposed.contract.rejections ?? {}).map(([code, rejection]) => {
    const schema = typeof rejection === 'string' ? undefined : jsonSchemaOf(rejection.details, 'output')
    const details = schema === undefined ? '' : typeText(schema, schema)
    return html`<tr>
      <td><code>${code}</code></td>
      <td>${typeof rejection === 'string' ? rejection : rejection.reason}</td>
      <td><code>${details}</code></td>
    </tr>`
  })
  if (rows.length === 0) return undefined
  return html`<table>
    <caption>
      Rejections (${rejectionStatus(served)})
    </caption>
    <thead>
      <tr>
        <th scope="col">Code</th>
        <th scope="col">Reason</th>
        <th scope="col">Details</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`
}

function problemTable(route: ServedRoute, sessions: boolean): Html {
  const rows = [...codesOfRoute(route, sessions)].flatMap(([status, codes]) =>
    codes
      .filter((code) => code !== 'rejected')
      .map(
        (code) =>
          html`<tr>
            <td>${status}</td>
            <td>
              <a href="${typeOf(code)}"><code>${code}</code></a>
            </td>
            <td>${titleOf(code)}</td>
          </tr>`,
      ),
  )
  return html`<details>
    <summary>Problems</summary>
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
  </details>`
}
