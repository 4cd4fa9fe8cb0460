// The identity of a new log, made once when a store is created.
import type { Ids } from '../../ids/ids.ts'
import type { LogIdentity } from './event-store.ts'

const secretBytes = 32

/** A new incarnation and a new secret, both from the ids of the composition root. */
export function newLogIdentity(ids: Ids): LogIdentity {
  const bytes = Array.from({ length: secretBytes }, () =>
    Math.floor(ids.random() * 256)
      .toString(16)
      .padStart(2, '0'),
  )
  return { incarnation: ids.newId(), secret: bytes.join('') }
}
