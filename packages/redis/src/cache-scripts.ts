// What Redis does in one step, in Lua. The first key of every script is the epoch of all tenants, the second that of one; an entry is
// found while it carries both, so a flush is one write: it replaces an epoch, and what carries the old one is never found again.
//
// Nothing stays for ever: epochs and indexes live as long as the longest entry may, and are prolonged by every write.
//
//   <prefix>epoch                  epoch of all tenants: a random text
//   <prefix>epoch:<tenant>         epoch of a tenant
//   <prefix>value:<length of tenant>:<tenant>:<key>     "<epoch>.<epoch of tenant>:" and the value
//   <prefix>names:<epoch>.<epoch of tenant>             sorted set of keys, in the order of their bytes
//   <prefix>ends:<epoch>.<epoch of tenant>              sorted set of keys, scored by when they expire
//   <prefix>tenants:<epoch>                             sorted set of tenants, scored by when their last entry has expired
import { script } from './script.ts'
import type { Script } from './script.ts'

const shared = `
local prefix, tenant = ARGV[1], ARGV[2]
local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function stamp()
  local epoch, own = redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2])
  return epoch and own and (epoch .. '.' .. own)
end
local function value_key(key)
  return prefix .. 'value:' .. #tenant .. ':' .. tenant .. ':' .. key
end
local function names_key(mark) return prefix .. 'names:' .. mark end
local function ends_key(mark) return prefix .. 'ends:' .. mark end
local function forget(mark, keys)
  if #keys > 0 then
    redis.call('ZREM', names_key(mark), unpack(keys))
    redis.call('ZREM', ends_key(mark), unpack(keys))
  end
end
local function prune(mark, most)
  local expired = redis.call('ZRANGEBYSCORE', ends_key(mark), '-inf', '(' .. now_ms(), 'LIMIT', 0, most)
  forget(mark, expired)
  return #expired
end
`

/** Removes expired names that nobody asked for: so many with each write, so that they cannot pile up. */
const prunedPerWrite = 16
/** `unpack` takes some thousand values. */
const prunedAtOnce = 1000

/** ARGV: prefix, tenant, key, value, time to live, longest time to live, a new epoch. */
export const setEntry: Script = script(`${shared}
local key, value, ttl, ttl_max, new = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
local epoch = redis.call('GET', KEYS[1]) or new
local own = redis.call('GET', KEYS[2]) or new
redis.call('SET', KEYS[1], epoch, 'PX', ttl_max)
redis.call('SET', KEYS[2], own, 'PX', ttl_max)
local mark = epoch .. '.' .. own
local now = now_ms()
redis.call('SET', value_key(key), mark .. ':' .. value, 'PX', ttl)
redis.call('ZADD', names_key(mark), 0, key)
redis.call('ZADD', ends_key(mark), now + ttl, key)
prune(mark, ${prunedPerWrite})
redis.call('PEXPIRE', names_key(mark), ttl_max)
redis.call('PEXPIRE', ends_key(mark), ttl_max)
local tenants = prefix .. 'tenants:' .. epoch
redis.call('ZADD', tenants, now + ttl_max, tenant)
redis.call('ZREMRANGEBYSCORE', tenants, '-inf', '(' .. now)
redis.call('PEXPIRE', tenants, ttl_max)
`)

/** ARGV: prefix, tenant, key. Returns whether there was an entry. */
export const deleteEntry: Script = script(`${shared}
local key, mark = ARGV[3], stamp()
if not mark then return 0 end
local value = redis.call('GET', value_key(key))
forget(mark, { key })
redis.call('UNLINK', value_key(key))
return value and string.sub(value, 1, #mark + 1) == mark .. ':' and 1 or 0
`)

/**
 * ARGV: prefix, tenant, start and end of the range in the form of ZRANGEBYLEX, entries to leave out, entries to return, bytes after
 * which it ends early. Returns whether it ended early, then key, value and milliseconds left of each entry. Names without an entry,
 * which was evicted, are removed on the way.
 */
export const listEntries: Script = script(`${shared}
local first, last, skip, limit, bytes_max = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local mark = stamp()
if not mark then return { 0 } end
local found, bytes, at = { 0 }, 0, 0
while true do
  local keys = redis.call('ZRANGEBYLEX', names_key(mark), first, last, 'LIMIT', at, 500)
  local gone = {}
  for _, key in ipairs(keys) do
    local value = redis.call('GET', value_key(key))
    if not value or string.sub(value, 1, #mark + 1) ~= mark .. ':' then
      gone[#gone + 1] = key
    elseif skip > 0 then
      skip = skip - 1
    else
      found[#found + 1] = key
      found[#found + 1] = string.sub(value, #mark + 2)
      found[#found + 1] = redis.call('PTTL', value_key(key))
      bytes = bytes + #value
      if #found > limit * 3 then return found end
      if bytes > bytes_max and #found > 4 then
        found[1] = 1
        return found
      end
    end
  end
  forget(mark, gone)
  at = at + #keys - #gone
  if #keys < 500 then return found end
end
`)

/** ARGV: prefix, tenant, start and end of the range. Returns how many entries there are. */
export const countEntries: Script = script(`${shared}
local mark = stamp()
if not mark then return 0 end
while prune(mark, ${prunedAtOnce}) == ${prunedAtOnce} do end
return redis.call('ZLEXCOUNT', names_key(mark), ARGV[3], ARGV[4])
`)

/** ARGV: prefix, any text. Returns how many entries all tenants have. KEYS[2] is not looked at. */
export const countAll: Script = script(`${shared}
local epoch = redis.call('GET', KEYS[1])
if not epoch then return 0 end
local count = 0
for _, each in ipairs(redis.call('ZRANGE', prefix .. 'tenants:' .. epoch, 0, -1)) do
  local own = redis.call('GET', prefix .. 'epoch:' .. each)
  if own then
    local mark = epoch .. '.' .. own
    while prune(mark, ${prunedAtOnce}) == ${prunedAtOnce} do end
    count = count + redis.call('ZCARD', names_key(mark))
  end
end
return count
`)
