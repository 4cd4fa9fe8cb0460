// Reads the text formats of metrics as a scraper does, strictly: what it does not understand it refuses.
import assert from 'node:assert/strict'

export interface Parsed {
  readonly families: ReadonlyMap<string, { readonly kind: string; readonly help: string }>
  readonly samples: readonly {
    readonly name: string
    readonly labels: Record<string, string>
    readonly value: number
  }[]
}

export function parseExposition(text: string): Parsed {
  const families = new Map<string, { kind: string; help: string }>()
  const samples: { name: string; labels: Record<string, string>; value: number }[] = []
  assert.ok(text.endsWith('\n'))
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '# EOF') continue
    const help = /^# HELP ([\w:]+) (.*)$/.exec(line)
    const type = /^# TYPE ([\w:]+) (counter|gauge|histogram|summary)$/.exec(line)
    const [, name = '', written = '', value = ''] =
      /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?[\d.]+(?:e[+-]?\d+)?|NaN|[+-]Inf)$/.exec(line) ?? []
    if (help !== null) {
      assert.ok(!families.has(help[1] ?? ''), `twice: ${line}`)
      families.set(help[1] ?? '', { kind: '', help: unescaped(help[2] ?? '') })
    } else if (type !== null)
      families.set(type[1] ?? '', { kind: type[2] ?? '', help: families.get(type[1] ?? '')?.help ?? '' })
    else {
      assert.notEqual(name, '', `no line of the format: ${JSON.stringify(line)}`)
      samples.push({ name, labels: labelsOf(written), value: Number(value.replace('Inf', 'Infinity')) })
    }
  }
  return { families, samples }
}

function labelsOf(written: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let rest = written
  while (rest !== '') {
    const [all = '', name = '', value = ''] = /^([A-Za-z_]\w*)="((?:[^"\\]|\\[\\"n])*)",?/.exec(rest) ?? []
    assert.notEqual(all, '', `no labels: ${written}`)
    labels[name] = unescaped(value)
    rest = rest.slice(all.length)
  }
  return labels
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([\\"n])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter))
}
