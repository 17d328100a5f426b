// Appends batches to the only sample set of a project, from where it ends, and prints how many samples it has after each.
import { openProject } from '../../../electron/engine/store/open.ts'
import { appendSamples, listSampleSets, type Sample } from '../../../electron/engine/store/samples.ts'

const [file, image, batch, layers] = process.argv.slice(2)
const channels = new Map<string, number>(JSON.parse(layers!))
const count = Number(batch)
const db = openProject(file!, { mode: 'write', who: { command: 'portolan append' } })
const set = listSampleSets(db)[0]!

/** The same as `markedRows` of the tests, which a child process can't import: it needs Vitest. */
const rows = (start: number, width: number): Float32Array => {
  const values = new Float32Array(count * width)
  for (let row = 0; row < count; row++)
    for (let channel = 0; channel < width; channel++)
      values[row * width + channel] = (((start + row) * 7 + channel * 13) % 2048) - 1024
  return values
}
for (let n = set.n; ; ) {
  const samples: Sample[] = Array.from({ length: count }, (_, index) => ({
    image: Number(image),
    v: index / count,
    u: 0.5,
  }))
  const start = n
  n = appendSamples(
    db,
    set.id,
    start,
    samples,
    new Map([...channels].map(([name, width]) => [name, rows(start, width)])),
  )
  process.stdout.write(`${n}\n`)
}
