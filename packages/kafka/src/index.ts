// The public API of @gesta/kafka.
export { kafkaBus } from './kafka-bus.ts'
export type { KafkaBusDescription } from './kafka-bus.ts'
export { kafkaBroker } from './kafka-broker.ts'
export type { KafkaBrokerDescription, KafkaBrokerOptions } from './kafka-broker.ts'
export type { KafkaBus } from './topic-bus.ts'
export type { KafkaOptions, KafkaSasl } from './options.ts'
export type { DeadLetter } from './dead-message.ts'
export type { DeadLetters } from './dead-letters.ts'
