/**
 * The step of a batch as Redis runs it, with the same rules as the database's. KEYS: the living instances, then one key for
 * each line. ARGV: the batch as JSON. Answers with JSON.
 */
export const REDIS_LIMIT_SCRIPT = `
local batch = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local at = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local this_minute = math.floor(at / 60000)
local function text(number) return string.format('%.0f', number) end

redis.call('ZADD', KEYS[1], at, batch.instance)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(at - batch.deadMs))

local minutes, used, own, spares, asked, granted = {}, {}, {}, {}, {}, {}
for line, limit in ipairs(batch.limits) do
  local key = KEYS[line + 1]
  minutes[line], used[line], spares[line] = this_minute, 0, 0
  if batch.held[line] < 0 then
    local known = redis.call('HMGET', key, 'minute', 'used')
    local minute = tonumber(known[1])
    -- A minute that lies further ahead was counted by a clock that has been put back since.
    if minute and minute >= this_minute and minute <= this_minute + 1 then
      minutes[line], used[line] = minute, tonumber(known[2])
    end
    if batch.fixMinutes[line] == minutes[line] then
      used[line] = math.max(0, used[line] + batch.fixes[line])
    end
  else
    own[line] = batch.held[line]
    local seats = redis.call('HGETALL', key)
    local sum = own[line]
    for index = 1, #seats, 2 do
      if seats[index] ~= batch.instance then
        if redis.call('ZSCORE', KEYS[1], seats[index]) then
          sum = sum + tonumber(seats[index + 1])
        else
          redis.call('HDEL', key, seats[index])
        end
      end
    end
    used[line] = sum
  end
end

for number, take in ipairs(batch.takes) do
  local fits = true
  for _, part in ipairs(take) do
    asked[part[1]] = true
    if used[part[1]] + part[2] > batch.limits[part[1]] then fits = false end
  end
  granted[number] = fits
  if fits then
    for _, part in ipairs(take) do
      used[part[1]] = used[part[1]] + part[2]
      if own[part[1]] then own[part[1]] = own[part[1]] + part[2] end
    end
  end
end

for line, limit in ipairs(batch.limits) do
  local key = KEYS[line + 1]
  if asked[line] and limit > used[line] then
    spares[line] = math.floor((limit - used[line]) / batch.share)
    used[line] = used[line] + spares[line]
    if own[line] then own[line] = own[line] + spares[line] end
  end
  if own[line] == nil then
    redis.call('HSET', key, 'minute', text(minutes[line]), 'used', text(used[line]))
    redis.call('PEXPIRE', key, 180000)
  elseif own[line] > 0 then
    redis.call('HSET', key, batch.instance, text(own[line]))
    redis.call('PEXPIRE', key, 86400000)
  else
    redis.call('HDEL', key, batch.instance)
  end
end
return cjson.encode({ atMs = at, minutes = minutes, used = used, spares = spares, granted = granted })
`;

/** Says that the instance is no longer alive. KEYS: the living instances. ARGV: the instance. */
export const REDIS_FORGET_SCRIPT = `return redis.call('ZREM', KEYS[1], ARGV[1])`;
