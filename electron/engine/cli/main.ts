import { cacheCompiledCode } from '../files/compiled-code.ts'
import { watchParent } from '../lifetime/watchdog.ts'
import { interruption } from './interruption.ts'
import { tooFewFiles } from './open-files.ts'

// A closed pipe (`portolan … | head`) is not a failure.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    const why = error.code === 'ENOSPC' ? 'the device is full' : error.message
    // Results are in the project or its files; only the output is lost. A failure of stderr cannot be reported.
    if (stream === process.stdout)
      process.stderr.write(
        `portolan: cannot write the result to standard output: ${why}; redirect it to another file\n`,
      )
    process.exit(1)
  })

const problem = tooFewFiles()
if (problem !== undefined) {
  process.stderr.write(`portolan: ${problem}\n`)
  process.exit(1)
}
watchParent()
cacheCompiledCode()
// Loaded after that, because the cache holds what is loaded later.
const { runCommandLine } = await import('./program.ts')
const now = () => performance.now()
const stop = interruption(process, now)
const status = await runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: stop.signal,
  now,
})
process.exitCode = stop.status() ?? status
stop.dispose()
