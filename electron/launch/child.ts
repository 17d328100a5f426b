import type { ChildProcess } from 'node:child_process'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Waits for a child that shares our terminal, which sends its own Ctrl+C to both; a signal to us alone is passed on.
 * @returns the child's exit status, 128 where a signal ended it, and whether we got a signal meanwhile
 */
export async function ended(child: ChildProcess): Promise<{ readonly status: number; readonly signalled: boolean }> {
  let signalled = false
  const pass = (signal: NodeJS.Signals): void => {
    signalled = true
    child.kill(signal)
  }
  for (const signal of signals) process.on(signal, pass)
  try {
    const status = await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve(signal === null ? (code ?? 1) : 128))
    })
    return { status, signalled }
  } finally {
    for (const signal of signals) process.off(signal, pass)
  }
}
