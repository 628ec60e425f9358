-- Spends from the token buckets of one gate, all or none, by the clock of the server.
--
-- KEYS[1] a hash: everything known of the gate.  ARGV[1] the verb.  ARGV[2] JSON: what it needs.  Answers JSON.

local key, verb, ask = KEYS[1], ARGV[1], cjson.decode(ARGV[2])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local SLOTS = 12
local LONGEST_WAIT = 3600

local function get(field)
  return tonumber(redis.call('HGET', key, field) or nil)
end

local function put(field, value)
  redis.call('HSET', key, field, string.format('%.17g', value))
end

local function fill(bucket, tokens)
  put(bucket.name .. ':tokens', tokens)
  put(bucket.name .. ':at', now)
end

-- A bucket that nobody has seen is empty: after a loss of all keys the last minute's calls are forgotten,
-- and a full bucket on top of them would go over the limit. It fills from the first look on, whoever looks.
local function level(bucket)
  if not get(bucket.name .. ':at') then fill(bucket, 0) end
  local capacity = get(bucket.name .. ':capacity') or bucket.capacity
  local refill = get(bucket.name .. ':refill') or bucket.refill
  local tokens = get(bucket.name .. ':tokens')
  local since = math.max(0, now - get(bucket.name .. ':at'))
  return math.min(capacity, tokens + since * refill), capacity, refill
end

-- What was spent lately, in slots of a twelfth of the window; a slot is used again one window later.
local function slot_of(moment)
  return math.floor(moment / (ask.window / SLOTS))
end

local function count(charge)
  local slot = slot_of(now)
  local field = 'spent:' .. (slot % SLOTS)
  local spent = get(field) or 0
  if get(field .. ':slot') ~= slot then spent = 0 end
  put(field, spent + charge)
  put(field .. ':slot', slot)
end

local function spent_lately()
  local total = 0
  for index = 0, SLOTS - 1 do
    local slot = get('spent:' .. index .. ':slot')
    if slot and slot > slot_of(now) - SLOTS then total = total + get('spent:' .. index) end
  end
  return total
end

local verbs = {}

-- The longest of all waits decides, so that a caller who comes back then is not sent away again for another reason.
function verbs.take()
  local wait, why = 0, ''
  local function delay(seconds, reason)
    if seconds > wait then wait, why = math.min(seconds, LONGEST_WAIT), reason end
  end
  local levels = {}
  for index, bucket in ipairs(ask.buckets) do
    local tokens, capacity, refill = level(bucket)
    -- A full bucket serves everybody: otherwise a reserve or a charge larger than the bucket would never be served.
    local need = math.min(capacity, bucket.amount + bucket.reserve * capacity)
    if tokens < need then delay((need - tokens) / refill, bucket.name) end
    fill(bucket, tokens)
    levels[index] = tokens
  end
  delay((get('hold_until') or 0) - now, 'hold')
  local open = get('open') == 1
  if open then delay((get('probe_at') or 0) - now, 'open') end
  if wait > 0 then return {granted = false, wait = wait, why = why} end

  for index, bucket in ipairs(ask.buckets) do
    fill(bucket, levels[index] - bucket.amount)
  end
  count(ask.counted)
  if open then put('probe_at', now + ask.probe_every) end
  return {granted = true}
end

function verbs.settle()
  for _, bucket in ipairs(ask.buckets) do
    local tokens, capacity = level(bucket)
    fill(bucket, math.min(capacity, tokens - bucket.amount))
  end
end

function verbs.learn()
  for _, bucket in ipairs(ask.buckets) do
    local tokens = level(bucket)
    local capacity = bucket.share * bucket.quota
    if not get(bucket.name .. ':capacity') then
      -- The first word about a bucket that started empty: at the worst all that they count was spent by us.
      tokens = math.max(tokens, capacity - (bucket.quota - bucket.remaining))
    end
    put(bucket.name .. ':capacity', capacity)
    put(bucket.name .. ':refill', capacity / bucket.window)
    fill(bucket, math.min(tokens, capacity, bucket.remaining))
  end
end

function verbs.hold_off()
  put('hold_until', math.max(get('hold_until') or 0, now + ask.seconds))
  redis.call('HINCRBY', key, 'throttled', 1)
end

function verbs.succeeded()
  redis.call('HDEL', key, 'failures', 'open', 'probe_at')
end

function verbs.failed()
  local failures = redis.call('HINCRBY', key, 'failures', 1)
  if failures >= ask.failures_to_open and get('open') ~= 1 then
    put('open', 1)
    put('probe_at', now + ask.probe_every)
  end
end

-- How many requests could be granted now: what a dispatcher may hand out without any of them being sent away.
function verbs.room()
  if (get('hold_until') or 0) > now then return {room = 0} end
  if get('open') == 1 then return {room = (get('probe_at') or 0) <= now and 1 or 0} end
  local room = ask.most
  for _, bucket in ipairs(ask.buckets) do
    local tokens, capacity = level(bucket)
    local free = tokens - bucket.reserve * capacity
    if tokens >= capacity then free = math.max(free, bucket.amount) end
    room = math.min(room, math.floor(free / bucket.amount))
  end
  return {room = math.max(0, room)}
end

function verbs.snapshot()
  local buckets = {}
  for index, bucket in ipairs(ask.buckets) do
    local tokens, capacity = level(bucket)
    buckets[index] = {
      name = bucket.name, tokens = tokens, capacity = capacity, learned = get(bucket.name .. ':capacity') ~= nil,
    }
  end
  return {
    buckets = buckets,
    used = spent_lately(),
    throttled = get('throttled') or 0,
    open = get('open') == 1,
    held_for = math.max(0, (get('hold_until') or 0) - now),
  }
end

return cjson.encode(verbs[verb]() or {})
