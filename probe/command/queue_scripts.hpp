// What a queue needs done in one step, in the Lua that the server runs.
#pragma once

namespace command
{

// KEYS: targets, results, done of the run. ARGV: group, id, what is done, then the fields of the result.
// The set is looked at before anything is written, and written to after the result: a script that fails
// midway is not undone.
inline constexpr auto store_script = R"(
if redis.call('SISMEMBER', KEYS[3], ARGV[3]) == 0 then
    redis.call('XADD', KEYS[2], '*', unpack(ARGV, 4))
    redis.call('SADD', KEYS[3], ARGV[3])
end
return redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
)";

// KEYS: targets. ARGV: group, consumer, least idle time, cursor, count, octets of a value that are wanted.
// → the next cursor, and for each entry its id, deliveries, target and run.
inline constexpr auto take_over_script = R"(
local function value(fields, name)
    for index = 1, #fields, 2 do
        if fields[index] == name then return string.sub(fields[index + 1], 1, ARGV[6]) end
    end
    return false
end
local found = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], 'COUNT', ARGV[5])
local taken = {}
for _, entry in ipairs(found[2]) do
    local state = redis.call('XPENDING', KEYS[1], ARGV[1], entry[1], entry[1], 1)[1]
    taken[#taken + 1] = {entry[1], state[4], value(entry[2], 'target'), value(entry[2], 'run')}
end
return {found[1], taken}
)";

// KEYS: targets. ARGV: group, consumer, ids. Those that another has taken over by now stay its own.
inline constexpr auto refresh_script = R"(
local claim = {'XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0}
for index = 3, #ARGV do
    if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[index], ARGV[index], 1, ARGV[2]) > 0 then
        claim[#claim + 1] = ARGV[index]
    end
end
if #claim > 5 then
    claim[#claim + 1] = 'JUSTID'
    redis.call(unpack(claim))
end
)";

// KEYS: targets. ARGV: group, consumer, idle time, ids that are kept. What was begun here is not held against
// the entry, once (what has that idle time already was released before), and a worker that leaves nothing
// leaves the group.
inline constexpr auto release_script = R"(
local kept = {}
for index = 4, #ARGV do kept[ARGV[index]] = true end
local left = redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 100000, ARGV[2])
for _, entry in ipairs(left) do
    if not kept[entry[1]] and entry[3] < tonumber(ARGV[3]) then
        redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, entry[1],
            'IDLE', ARGV[3], 'RETRYCOUNT', math.max(entry[4] - 1, 0), 'JUSTID')
    end
end
if #left == 0 then redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2]) end
)";

} // namespace command
