// How a batch comes into the stream of a topic: whole or not at all, each event once, and none before one that comes after it.
import { script } from './script.ts'
import type { Script } from './script.ts'

/**
 * `last_of` tells the last id that a stream has given, also when its entry is gone; `id_of` makes one. Ids count on from there instead of
 * being times, so that events with and without a place in their sender's log can share a stream.
 */
export const streamIds = `
local function last_of(stream)
  local info = redis.pcall('XINFO', 'STREAM', stream)
  if info.err then return 0, 0 end
  for at = 1, #info, 2 do
    if info[at] == 'last-generated-id' then
      local ms, seq = string.match(info[at + 1], '(%d+)-(%d+)')
      return tonumber(ms), tonumber(seq)
    end
  end
end
local function id_of(ms, seq) return string.format('%.0f-%.0f', ms, seq) end
`

/** Room between two neighbours of one commit, for events without a place that come between them. */
const stride = 1_048_576
/** Places that are remembered, so that a repetition is recognised although its entry was trimmed. */
const sentMax = 10_000

/**
 * KEYS: stream, sent. ARGV: events that the stream may hold; then for each event its commit number and index, both empty for one
 * without a place, its id, how many fields, and these. Returns `sent`; or `full` and how many events there are; or `refused`, the
 * place, and the last id: then nothing was added.
 */
export const publishBatch: Script = script(`${streamIds}
local events_max = tonumber(ARGV[1])
local last_ms, last_seq = last_of(KEYS[1])
local added = {}
local at = 2
while at <= #ARGV do
  local commit, index, event_id, count = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
  local event = { event_id = event_id, at = at + 4, count = count }
  if commit == '' then
    last_seq = last_seq + 1
    event.id = id_of(last_ms, last_seq)
    added[#added + 1] = event
  else
    local ms, seq = tonumber(commit), tonumber(index) * ${stride}
    event.id = id_of(ms, seq)
    if ms > last_ms or (ms == last_ms and seq > last_seq) then
      last_ms, last_seq = ms, seq
      event.has_place = true
      added[#added + 1] = event
    else
      local there = redis.call('XRANGE', KEYS[2], event.id, event.id)[1]
      if not there or there[2][2] ~= event_id then
        return { 'refused', commit .. '-' .. index, id_of(last_ms, last_seq) }
      end
    end
  end
  at = at + 4 + count
end
local held = redis.call('XLEN', KEYS[1])
if #added > 0 and held + #added > events_max then return { 'full', held } end
for _, event in ipairs(added) do
  redis.call('XADD', KEYS[1], event.id, unpack(ARGV, event.at, event.at + event.count - 1))
  if event.has_place then
    redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${sentMax}, event.id, 'event', event.event_id)
  end
end
return { 'sent' }
`)
