"""Pace: token buckets in Redis, right across processes; and holds, when a provider asks for patience.

A rate of 0 is no limit. A bucket that Redis does not know begins empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from redis import RedisError

from providers.wake import redis

log = structlog.get_logger(__name__)

# How many seconds' worth of tokens a bucket can gather, so that nobody makes up for a pause in one burst, and
# no second sees more than a tenth above the rate. Half of it is handed out at a time: fewer, fuller chunks.
DEPTH = 0.05
LONGEST_HOLD = 30
# Both scripts: KEYS are buckets; ARGV is a number of tokens, the depth, then a rate (tokens a second) for each bucket.
BUCKETS = """
local now = redis.call('TIME')
local t = tonumber(now[1]) + tonumber(now[2]) / 1e6
local asked, depth = tonumber(ARGV[1]), tonumber(ARGV[2])
local function most(i) return math.max(1, tonumber(ARGV[i + 2]) * depth) end
local function read(i)
  local known = redis.call('HMGET', KEYS[i], 'level', 'at')
  if not (known[1] and known[2]) then return 0 end
  return math.min(most(i), tonumber(known[1]) + math.max(0, t - tonumber(known[2])) * tonumber(ARGV[i + 2]))
end
local function write(i, level)
  redis.call('HSET', KEYS[i], 'level', tostring(level), 'at', string.format('%.6f', t))
  redis.call('EXPIRE', KEYS[i], 3600)
end
"""
# Returns how many tokens were taken from all of them, and the milliseconds until there is one.
TAKE = f"""{BUCKETS}
local wanted, levels, wait = asked, {{}}, 0
for i in ipairs(KEYS) do
  local level = read(i)
  levels[i] = level
  local enough = math.max(1, math.min(asked, math.floor(most(i) / 2)))
  if level < enough then
    wait = math.max(wait, (enough - level) / tonumber(ARGV[i + 2]) * 1000)
    wanted = 0
  end
  wanted = math.min(wanted, math.max(0, math.floor(level)))
end
for i in ipairs(KEYS) do write(i, levels[i] - wanted) end
return {{wanted, math.ceil(wait)}}
"""
_take = redis.register_script(TAKE)
# Only into a bucket that is still there: one that was wiped meanwhile begins empty.
GIVE_BACK = """
for i, key in ipairs(KEYS) do
  if redis.call('HEXISTS', key, 'at') == 1 then redis.call('HINCRBYFLOAT', key, 'level', ARGV[1]) end
end
"""
_give_back = redis.register_script(GIVE_BACK)
# The level may fall to a second's worth below nothing.
SPEND = f"""{BUCKETS}
for i in ipairs(KEYS) do write(i, math.max(read(i) - asked, -tonumber(ARGV[i + 2]))) end
"""
_spend = redis.register_script(SPEND)


@dataclass(frozen=True, slots=True)
class Grant:
    """How many messages may leave now, and in how many seconds there is more."""

    tokens: int
    wait: float


def take(rates: Mapping[str, float], wanted: int) -> Grant:
    """Takes up to `wanted` tokens from all the named buckets at once. Rates are per second.

    Without Redis nothing may leave: the limits could not be kept.
    """
    limited = {name: rate for name, rate in rates.items() if rate > 0}
    if not limited or wanted <= 0:
        return Grant(max(wanted, 0), 0.0)
    try:
        tokens, wait = _take(
            keys=[f"pace:{name}" for name in limited], args=[wanted, DEPTH, *limited.values()]
        )
    except RedisError as error:
        log.warning("pace_unknown", error=type(error).__name__)
        return Grant(0, 1.0)
    return Grant(int(tokens), wait / 1000)


def give_back(rates: Mapping[str, float], tokens: int) -> None:
    """Returns tokens that nothing was sent for; a loss here only slows the pace."""
    limited = [f"pace:{name}" for name, rate in rates.items() if rate > 0]
    if tokens <= 0 or not limited:
        return
    try:
        _give_back(keys=limited, args=[tokens])
    except RedisError as error:
        log.warning("pace_unknown", error=type(error).__name__)


def spend(rates: Mapping[str, float], tokens: int) -> None:
    """Takes tokens that are not there yet, up to a second's worth: agents go first, bases wait for it."""
    limited = {name: rate for name, rate in rates.items() if rate > 0}
    if not limited or tokens <= 0:
        return
    try:
        _spend(keys=[f"pace:{name}" for name in limited], args=[tokens, DEPTH, *limited.values()])
    except RedisError as error:
        log.warning("pace_unknown", error=type(error).__name__)


def hold(provider_id: int, reason: str, *, seconds: int | None = None) -> None:
    """Nothing of a base leaves through the provider for a while; without seconds, longer each time (2, 4, 8 … 30)."""
    try:
        if seconds is None:
            level = int(redis.incr(f"hold-level:{provider_id}"))
            redis.expire(f"hold-level:{provider_id}", 2 * LONGEST_HOLD)
            seconds = min(LONGEST_HOLD, 2 ** min(level, 5))
        redis.set(f"hold:{provider_id}", reason, ex=seconds)
    except RedisError as error:
        log.warning("hold_lost", provider=provider_id, error=type(error).__name__)


def held(provider_id: int) -> str:
    """Why the provider is held now, "" if it is not."""
    try:
        reason = redis.get(f"hold:{provider_id}")
    except RedisError:
        return ""
    return reason.decode() if isinstance(reason, bytes) else ""
