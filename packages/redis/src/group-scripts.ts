// What a group does with its topic, in Lua. The first key of every script is the stream, the first values are the group and the
// receiver's name. Redis keeps for each entry that was delivered who has it, since when, and how often it was delivered: that number
// counts deliveries that failed or whose receiver ended, and the one that is going on.
//
// What a receiver gives up belongs to the name `free`: the next one takes it at once, while what a receiver that has ended had in hand
// is taken when it was not renewed for a while.
import { script } from './script.ts'
import type { Script } from './script.ts'

const shared = `
local stream, group, me = KEYS[1], ARGV[1], ARGV[2]
local function is_missing(reply)
  return reply.err and (string.sub(reply.err, 1, 7) == 'NOGROUP' or string.find(reply.err, 'no such key'))
end
local function own(count)
  local found = redis.pcall('XPENDING', stream, group, '-', '+', count, me)
  return is_missing(found) and {} or found
end
local function give(id, to, deliveries)
  redis.call('XCLAIM', stream, group, to, 0, id, 'RETRYCOUNT', deliveries, 'JUSTID')
end
`
/** Moves an entry to the dead letters. The facts come first, so that no field of the entry can be taken for one. */
const burying = `
local function bury(dead, id, deliveries, reason)
  local entry = redis.call('XRANGE', stream, id, id)[1]
  if entry then
    local time = redis.call('TIME')
    local letter = { 'entry', id, 'deliveries', deliveries, 'reason', reason, 'at', string.format('%d%06d', time[1], time[2]) }
    for at = 1, math.min(#entry[2], 2000) do letter[#letter + 1] = entry[2][at] end
    redis.call('XADD', dead, '*', unpack(letter))
  end
  redis.call('XACK', stream, group, id)
end
`
/** KEYS: stream, removed. ARGV: group, where a new one begins. */
export const joinGroup: Script = script(`
redis.call('DEL', KEYS[2])
local made = redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], ARGV[2], 'MKSTREAM')
if made.err and string.sub(made.err, 1, 9) ~= 'BUSYGROUP' then return made end
return 1
`)

/** KEYS: stream, dead, removed. ARGV: group, milliseconds for which it is told that the group is gone. */
export const removeGroup: Script = script(`
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local destroyed = redis.call('XGROUP', 'DESTROY', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
if destroyed == 1 then redis.call('SET', KEYS[3], '1', 'PX', ARGV[2]) end
return destroyed
`)

/**
 * KEYS: stream, dead, removed. ARGV: group, receiver, entries of a batch, bytes after which it is full, deliveries that an entry has at
 * most, milliseconds without a sign after which a receiver has ended, and `ordered`, or `look` for what such receivers had, or nothing.
 * Returns `entries` and of each its id, deliveries and fields; or `empty` and the last id that was delivered; `standby`: another
 * receiver of an ordered group has something; `missing`: there is no group; `removed`: and somebody wanted it so.
 *
 * The receiver's own come first, then free ones, those of receivers that have ended, and new ones. What failed before comes alone.
 */
export const takeEntries: Script = script(`${shared}${burying}
local limit, bytes_max, deliveries_max = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local claim_after, mode = tonumber(ARGV[6]), ARGV[7]
local pending = redis.pcall('XPENDING', stream, group)
if is_missing(pending) then return { redis.call('EXISTS', KEYS[3]) == 1 and 'removed' or 'missing' } end
if pending.err then return pending end
local function of(name, count)
  return redis.call('XPENDING', stream, group, '-', '+', count, name)
end

if mode == 'ordered' then
  local others = {}
  for _, each in ipairs(pending[4] or {}) do
    local name = each[1]
    if name ~= me then
      if name ~= 'free' and of(name, 1)[1][3] < claim_after then return { 'standby' } end
      others[#others + 1] = name
    end
  end
  for _, name in ipairs(others) do
    for _, each in ipairs(of(name, 10000)) do give(each[1], me, each[4] + (name == 'free' and 0 or 1)) end
  end
else
  for _, each in ipairs(of('free', limit)) do give(each[1], me, each[4]) end
  if mode == 'look' then
    local cursor, claimed = '0-0', 0
    repeat
      local found = redis.call('XAUTOCLAIM', stream, group, me, claim_after, cursor, 'COUNT', limit)
      cursor, claimed = found[1], claimed + #found[2]
    until cursor == '0-0' or claimed >= limit
  end
end

local entries, bytes = {}, 0
local function add(entry, deliveries)
  entries[#entries + 1] = { entry[1], deliveries, entry[2] }
  for _, text in ipairs(entry[2]) do bytes = bytes + #text end
end
repeat
  local held = own(limit)
  for _, each in ipairs(held) do
    local id, deliveries = each[1], each[4]
    if deliveries > deliveries_max then
      bury(KEYS[2], id, deliveries_max, 'its receivers ended')
    else
      if #entries > 0 and (deliveries > 1 or bytes >= bytes_max) then break end
      local entry = redis.call('XRANGE', stream, id, id)[1]
      if entry then
        add(entry, deliveries)
        give(id, me, deliveries)
        if deliveries > 1 then break end
      else
        redis.call('XACK', stream, group, id)
      end
    end
  end
until #held == 0 or #entries > 0
if #entries > 0 then return { 'entries', entries } end

while #entries < limit and bytes < bytes_max do
  local asked = math.min(10, limit - #entries)
  local found = redis.call('XREADGROUP', 'GROUP', group, me, 'COUNT', asked, 'STREAMS', stream, '>')
  if not found then break end
  -- What does not fit is the receiver's own, and comes next time.
  for _, entry in ipairs(found[1][2]) do
    if #entries == 0 or bytes < bytes_max then add(entry, 1) end
  end
  if #found[1][2] < asked then break end
end
if #entries > 0 then return { 'entries', entries } end
for _, each in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
  local facts = {}
  for at = 1, #each, 2 do facts[each[at]] = each[at + 1] end
  if facts.name == group then return { 'empty', facts['last-delivered-id'] } end
end
`)

/** KEYS: stream. ARGV: group, receiver. What the receiver has stays its own for longer. */
export const renewClaims: Script = script(`${shared}
for _, each in ipairs(own(2000)) do give(each[1], me, each[4]) end
`)

/**
 * KEYS: stream, dead. ARGV: group, receiver, deliveries that an entry has at most, why they failed (empty: nobody refused them), then
 * ids. Those that are still the receiver's stay with it, or become dead letters. Returns how many did.
 */
export const failEntries: Script = script(`${shared}${burying}
local buried = 0
for at = 5, #ARGV do
  local found = redis.pcall('XPENDING', stream, group, ARGV[at], ARGV[at], 1, me)[1]
  if found and ARGV[4] ~= '' and found[4] >= tonumber(ARGV[3]) then
    bury(KEYS[2], ARGV[at], found[4], ARGV[4])
    buried = buried + 1
  elseif found then
    give(ARGV[at], me, found[4] + (ARGV[4] == '' and 0 or 1))
  end
end
return buried
`)

/** KEYS: stream. ARGV: group, receiver. All that it has is free, and its name is gone. */
export const leaveGroup: Script = script(`${shared}
for _, each in ipairs(own(10000)) do give(each[1], 'free', each[4]) end
if #own(1) == 0 then redis.pcall('XGROUP', 'DELCONSUMER', stream, group, me) end
`)

/**
 * KEYS: stream. ARGV: group, receiver, milliseconds after which a receiver without entries is forgotten. Removes from the stream what no
 * group needs any more: what is before the oldest entry that one of them has in hand, and before what one of them was not given yet.
 */
export const tidyTopic: Script = script(`
local stream, group, me = KEYS[1], ARGV[1], ARGV[2]
local groups = redis.pcall('XINFO', 'GROUPS', stream)
if groups.err then return 0 end
local first_ms, first_seq
for _, each in ipairs(groups) do
  local facts = {}
  for at = 1, #each, 2 do facts[each[at]] = each[at + 1] end
  local id = facts['last-delivered-id']
  if facts.pending > 0 then id = redis.call('XPENDING', stream, facts.name)[2] end
  local ms, seq = string.match(id, '(%d+)-(%d+)')
  ms, seq = tonumber(ms), tonumber(seq) + (facts.pending > 0 and 0 or 1)
  if not first_ms or ms < first_ms or (ms == first_ms and seq < first_seq) then first_ms, first_seq = ms, seq end
end
for _, each in ipairs(redis.pcall('XINFO', 'CONSUMERS', stream, group)) do
  local facts = {}
  for at = 1, #each, 2 do facts[each[at]] = each[at + 1] end
  if facts.pending == 0 and facts.idle > tonumber(ARGV[3]) and facts.name ~= me then
    redis.call('XGROUP', 'DELCONSUMER', stream, group, facts.name)
  end
end
if not first_ms then return 0 end
return redis.call('XTRIM', stream, 'MINID', '=', string.format('%.0f-%.0f', first_ms, first_seq))
`)
