// The stable names of what a registry does: for logs, metrics and traces. They are a contract and never change their meaning.

/** Operation to name; reference: docs/reference/contracts.md. */
export const observationNames = {
  registerQuery: 'gesta.contract.register.query',
  registerCommand: 'gesta.contract.register.command',
  registerEvent: 'gesta.contract.register.event',
  registerJob: 'gesta.contract.register.job',
  executeQuery: 'gesta.contract.execute.query',
  executeCommand: 'gesta.contract.execute.command',
  captureCommand: 'gesta.contract.capture.command',
  executeJob: 'gesta.contract.execute.job',
  publishEvent: 'gesta.contract.publish.event',
  storeCommandEvents: 'gesta.contract.outbox.store',
  publishBrokerEvents: 'gesta.contract.broker.publish',
  sendPresentationEvents: 'gesta.contract.presentation.send',
  workerReceiveEventBatch: 'gesta.contract.worker.receive',
  workerAckEventBatch: 'gesta.contract.worker.ack',
  workerNackEventBatch: 'gesta.contract.worker.nack',
  workerSkipDuplicate: 'gesta.contract.worker.dedup_skip',
} as const

export type ObservationName = (typeof observationNames)[keyof typeof observationNames]
