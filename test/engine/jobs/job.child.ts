// Runs a job that works until it is cancelled or killed, and prints how it ended.
import { runJob } from '../../../electron/engine/jobs/run.ts'
import { openProject } from '../../../electron/engine/store/open.ts'

const [file] = process.argv.slice(2)
using db = openProject(file!, { mode: 'write', who: { command: 'portolan atlas build' } })
try {
  await runJob(db, 'atlas', { grid: 10 }, async ({ signal, report }) => {
    for (let done = 0; ; done++) {
      report({ stage: 'sampling', done, total: 1000, unit: 'photographs' })
      if (done === 3) process.stdout.write('working\n')
      await new Promise(resolve => setTimeout(resolve, 5))
      signal.throwIfAborted()
    }
  })
} catch (error) {
  process.stdout.write(`${String(error)}\n`)
}
