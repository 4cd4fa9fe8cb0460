// Loaded into every test file's process by `npm test`: ends one that goes on for ever, and says what kept it running.
// Node's own limits end tests; what a test left open (a browser, a socket) keeps its process, and with it the whole run.
const limitMinutes = 20

// The runner itself, which lasts as long as all files together, has no such context.
if (process.env['NODE_TEST_CONTEXT'] !== undefined) setTimeout(end, limitMinutes * 60_000).unref()

function end(): void {
  const open = [...new Set(process.getActiveResourcesInfo())].join(', ')
  console.error(`Expected this file to end within ${limitMinutes} minutes, and it is still running: ${open}.`)
  process.exit(1)
}
