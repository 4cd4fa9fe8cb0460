// The packages that are published, in the order in which they are built: each sees the ones before it through their dist.

import { join } from 'node:path'
import { root } from './workspace.ts'

export const publishedPackages: string[] = [
  'core',
  'sqlite',
  'postgres',
  'file',
  'config',
  'redis',
  'nats',
  'kafka',
  'identity',
  'http',
  'opentelemetry',
  'cli',
].map((name) => join(root, 'packages', name))
