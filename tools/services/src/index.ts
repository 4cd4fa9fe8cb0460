// What tests ask for: a database or keys on a server that they share, servers of their own to break, a proxy to break
// connections. docs/reference/testing.md explains them.
export { startTcpProxy } from './faults/tcp-proxy.ts'
export type { TcpProxy } from './faults/tcp-proxy.ts'
export type { Direction, Faults } from './faults/relay.ts'
export type { OwnServer, StopMode } from './own/own-server.ts'
export type { TestDatabase } from './postgres/databases.ts'
export type { PostgresOptions } from './postgres/launch.ts'
export { ownPostgresForTests, postgresForTests, startPostgres } from './postgres/for-tests.ts'
export type { OwnPostgresForTests, PostgresForTests } from './postgres/for-tests.ts'
export type { TestKeys } from './redis/keys.ts'
export type { RedisOptions } from './redis/launch.ts'
export { ownRedisForTests, redisForTests, startRedis } from './redis/for-tests.ts'
export type { OwnRedisForTests, RedisForTests } from './redis/for-tests.ts'
