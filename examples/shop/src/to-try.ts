// What `npm start` prints: where the shop is, and three calls that show something. The example's check runs them.

export function toTry(url: string): string {
  return [
    `The shop is open: ${url} (API documentation: ${url}/docs)`,
    '',
    'Try:',
    ...callsToTry(url).map((call) => `  ${call}`),
    '',
    'Stop with Ctrl-C.',
  ].join('\n')
}

export function callsToTry(url: string): string[] {
  const line =
    '{"code":"85123A","description":"WHITE HANGING HEART","quantity":6,"pence":255,"at":"2011-12-09 12:50:00"}'
  const order = `{"orderId":"581588","customerId":"14808","country":"United Kingdom","lines":[${line}]}`
  return [
    `curl '${url}/revenue?from=2011-11-01&to=2011-11-30'`,
    `curl '${url}/customers/14808/orders?limit=5'`,
    `curl '${url}/orders' -H 'content-type: application/json' -d '${order}'`,
  ]
}
