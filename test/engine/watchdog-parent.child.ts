import { fork } from 'node:child_process'
import { join } from 'node:path'

// Starts an engine that hangs, and prints its process ID.
const child = fork(join(import.meta.dirname, 'watchdog-hang.child.ts'), {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
})
child.once('message', () => process.stdout.write(`${child.pid}\n`))
setInterval(() => {}, 1000)
