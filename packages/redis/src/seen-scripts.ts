// What a seen store does in one step, in Lua. Each subscription is a sorted set of ids, scored by the microsecond of their mark, which
// rises from mark to mark; and an index has the subscriptions, scored by when their last id is forgotten. Everything has an end.
//
//   <prefix>ids:<subscription>     sorted set of ids
//   <prefix>subscriptions          sorted set of subscriptions
import { script } from './script.ts'
import type { Script } from './script.ts'

const shared = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local ttl = tonumber(ARGV[1])
local function text(number) return string.format('%.0f', number) end
local function forget_old(key)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', text(now - ttl * 1000))
end
`

/** KEYS: ids, index. ARGV: milliseconds that an id is kept, how many are kept, subscription, ids. */
export const markIds: Script = script(`${shared}
local newest = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
local mark = math.max(now, newest and tonumber(newest) + 1 or 0)
for at = 4, #ARGV do
  redis.call('ZADD', KEYS[1], text(mark), ARGV[at])
  mark = mark + 1
end
forget_old(KEYS[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -ARGV[2] - 1)
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[2], text(now + ttl * 1000), ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now))
redis.call('PEXPIRE', KEYS[2], ARGV[1])
`)

/** KEYS: ids. ARGV: milliseconds that an id is kept, ids. Returns those that are marked. */
export const seenIds: Script = script(`${shared}
local found = {}
for at = 2, #ARGV do
  local mark = redis.call('ZSCORE', KEYS[1], ARGV[at])
  if mark and tonumber(mark) > now - ttl * 1000 then found[#found + 1] = ARGV[at] end
end
return found
`)

/** KEYS: index. ARGV: milliseconds that an id is kept, what keys of ids begin with, subscription (or none: all). Returns how many. */
export const countIds: Script = script(`${shared}
local count = 0
for _, subscription in ipairs(ARGV[3] and { ARGV[3] } or redis.call('ZRANGE', KEYS[1], 0, -1)) do
  forget_old(ARGV[2] .. subscription)
  count = count + redis.call('ZCARD', ARGV[2] .. subscription)
end
return count
`)

/** KEYS: index. ARGV: milliseconds that an id is kept, what keys of ids begin with, subscription (or none: all). */
export const resetIds: Script = script(`
for _, subscription in ipairs(ARGV[3] and { ARGV[3] } or redis.call('ZRANGE', KEYS[1], 0, -1)) do
  redis.call('UNLINK', ARGV[2] .. subscription)
  redis.call('ZREM', KEYS[1], subscription)
end
`)
