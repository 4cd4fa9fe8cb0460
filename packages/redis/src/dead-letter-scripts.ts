// What becomes of dead letters, in Lua. KEYS: stream, dead. ARGV: group, ids of letters. Returns how many of them were there.
import { streamIds } from './publish-script.ts'
import { script } from './script.ts'
import type { Script } from './script.ts'

/** The letters are entries of the topic again, at its end; other groups pass them over. */
export const requeueLetters: Script = script(`${streamIds}
local ms, seq = last_of(KEYS[1])
local requeued = 0
for at = 2, #ARGV do
  local letter = redis.call('XRANGE', KEYS[2], ARGV[at], ARGV[at])[1]
  if letter then
    local entry = { 'gesta-group', ARGV[1] }
    for index = 9, #letter[2], 2 do
      if letter[2][index] ~= 'gesta-group' then
        entry[#entry + 1] = letter[2][index]
        entry[#entry + 1] = letter[2][index + 1]
      end
    end
    seq = seq + 1
    redis.call('XADD', KEYS[1], id_of(ms, seq), unpack(entry))
    redis.call('XDEL', KEYS[2], ARGV[at])
    requeued = requeued + 1
  end
end
return requeued
`)

/** The letters are gone. */
export const discardLetters: Script = script(`
local discarded = 0
for at = 2, #ARGV do discarded = discarded + redis.call('XDEL', KEYS[2], ARGV[at]) end
return discarded
`)
