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
local stream, sent = KEYS[1], KEYS[2]
local events_max, refuses = tonumber(ARGV[1]), ARGV[2] ~= ''
local events, are_rising = {}, true
local at = 3
while at <= #ARGV do
  local event = { at = at + 4, last = at + 3 + ARGV[at + 3] }
  if ARGV[at] ~= '' then
    event.place = ARGV[at] .. '-' .. ARGV[at + 1]
    event.known_as = event.place .. ' ' .. ARGV[at + 2]
    event.ms, event.seq = tonumber(ARGV[at]), tonumber(ARGV[at + 1]) * ${stride}
    event.id = id_of(event.ms, event.seq)
  end
  local before = events[#events]
  are_rising = are_rising and event.id and
    (not before or before.ms < event.ms or (before.ms == event.ms and before.seq < event.seq))
  events[#events + 1] = event
  at = event.last + 1
end

local function add(event)
  return redis.pcall('XADD', stream, event.id, unpack(ARGV, event.at, event.last))
end
local held = redis.call('XLEN', stream)
local is_full = held + #events > events_max
local added = events
-- The usual case: all come after what is there, so the first one tells whether they do.
local first = are_rising and not is_full and events[1] and add(events[1])
if first and not first.err then
  for index = 2, #events do add(events[index]) end
else
  local last_ms, last_seq = last_of(stream)
  added = {}
  for _, event in ipairs(events) do
    local is_known = false
    if event.id and (event.ms > last_ms or (event.ms == last_ms and event.seq > last_seq)) then
      last_ms, last_seq = event.ms, event.seq
    elseif event.id and redis.call('ZSCORE', sent, event.known_as) then
      is_known = true
    elseif event.id and refuses then
      return { 'refused', event.place, id_of(last_ms, last_seq) }
    else
      last_seq = last_seq + 1
    end
    if not is_known then
      event.id = id_of(last_ms, last_seq)
      added[#added + 1] = event
    end
  end
  if #added > 0 and held + #added > events_max then return { 'full', held } end
  for _, event in ipairs(added) do
    local done = add(event)
    if done.err then return done end
  end
end

local remembers = false
local time = redis.call('TIME')
local now = time[1] .. string.format('%06d', time[2])
for _, event in ipairs(added) do
  if event.known_as then
    redis.call('ZADD', sent, now, event.known_as)
    remembers = true
  end
end
if remembers then
  redis.call('ZREMRANGEBYRANK', sent, 0, ${-sentMax - 1})
  if not refuses then
    redis.call('ZREMRANGEBYSCORE', sent, '-inf', string.format('%.0f', now - ${sentUs}))
    redis.call('PEXPIRE', sent, ${sentUs / 1000})
  end
end
return { 'sent' }
`)
