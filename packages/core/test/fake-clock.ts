// The clock of the testing kit, which core's own tests use too.
export { createFakeClock, fakeRuntime, settled } from '../src/testing/fake-clock.ts'
export type { FakeClock } from '../src/testing/fake-clock.ts'
