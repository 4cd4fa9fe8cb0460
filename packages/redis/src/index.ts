// The public API of @gesta/redis.
export { redisCache } from './redis-cache.ts'
export type { RedisCacheOptions } from './redis-cache.ts'
