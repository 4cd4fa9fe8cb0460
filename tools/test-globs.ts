// Where tests live. tidy fails when a *.test.ts file lies elsewhere, so that no test is left out silently.
export const testGlobs: string[] = [
  'packages/*/test/**/*.test.ts',
  'examples/*/test/**/*.test.ts',
  'benchmarks/test/**/*.test.ts',
  'docs/examples/*.test.ts',
  'tools/**/*.test.ts',
]
