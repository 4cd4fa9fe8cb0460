// How a batch comes into the stream of a topic: whole or not at all, and what is repeated once.
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

/** Room between two neighbours of one commit, for events that come between them. */
const stride = 1_048_576
/** Events that are remembered, so that a repetition is recognised, also when its entry is gone. */
const sentMax = 10_000
/** Microseconds for which they are, so that what is sent again on purpose arrives; where what is late is refused, for ever. */
const sentUs = 600_000_000

/**
 * KEYS: stream, sent. ARGV: events that the stream may hold; whether what is late is refused (or empty); then for each event its commit
 * number and index, both empty for one without a place, its id, how many fields, and these. Returns `sent`; or `full` and how many
 * events there are; or `refused`, the place, and the last id: then nothing was added.
 *
 * An event has its place as its id, unless it has none, or is late: then it has the next one.
 */
export const publishBatch: Script = script(`${streamIds}
local events_max, refuses = tonumber(ARGV[1]), ARGV[2] ~= ''
local last_ms, last_seq = last_of(KEYS[1])
local added = {}
local at = 3
while at <= #ARGV do
  local commit, index, count = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 3])
  local event = { at = at + 4, count = count }
  local is_known = false
  if commit == '' then
    last_seq = last_seq + 1
  else
    local ms, seq = tonumber(commit), tonumber(index) * ${stride}
    event.known_as = commit .. '-' .. index .. ' ' .. ARGV[at + 2]
    if ms > last_ms or (ms == last_ms and seq > last_seq) then
      last_ms, last_seq = ms, seq
    elseif redis.call('ZSCORE', KEYS[2], event.known_as) then
      is_known = true
    elseif refuses then
      return { 'refused', commit .. '-' .. index, id_of(last_ms, last_seq) }
    else
      last_seq = last_seq + 1
    end
  end
  if not is_known then
    event.id = id_of(last_ms, last_seq)
    added[#added + 1] = event
  end
  at = at + 4 + count
end
local held = redis.call('XLEN', KEYS[1])
if #added > 0 and held + #added > events_max then return { 'full', held } end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local remembers = false
for _, event in ipairs(added) do
  redis.call('XADD', KEYS[1], event.id, unpack(ARGV, event.at, event.at + event.count - 1))
  if event.known_as then
    redis.call('ZADD', KEYS[2], string.format('%.0f', now), event.known_as)
    remembers = true
  end
end
if remembers then
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, ${-sentMax - 1})
  if not refuses then
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now - ${sentUs}))
    redis.call('PEXPIRE', KEYS[2], ${sentUs / 1000})
  end
end
return { 'sent' }
`)
