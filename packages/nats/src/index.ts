// The public API of @gesta/nats.
export { natsBroker, natsBus } from './nats-bus.ts'
export type { NatsBroker, NatsBrokerOptions, NatsBus, NatsBusOptions } from './nats-bus.ts'
export type { NatsTopicBus } from './jetstream-bus.ts'
export { natsCoreBus } from './core-bus.ts'
export type { NatsCoreBus, NatsCoreBusOptions, NatsCoreSubscription, NatsCoreTopicBus } from './core-bus.ts'
export type { NatsConnectionOptions, NatsTls } from './connection-options.ts'
export type { NatsGroupOptions, NatsStreamOptions } from './stream-options.ts'
export type { DeadLetter, DeadLetters } from './dead-letters.ts'
