// A rule looks at files and says what is wrong, one sentence per violation. It reads nothing itself,
// so that tools/tidy/violations.test.ts can plant violations in memory.
import type { File } from '../workspace.ts'

export type Rule = (files: readonly File[]) => string[]
