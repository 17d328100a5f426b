import { interruption } from './interruption.ts'
import { runCommandLine } from './program.ts'

// A reader that has seen enough (`portolan … | head`) is no failure.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    throw error
  })

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
