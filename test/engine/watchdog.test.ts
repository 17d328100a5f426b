import { expect, test } from 'vitest'
import { startChild } from './store/children.ts'

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('an engine whose main thread hangs ends when its parent is gone', async () => {
  const parent = startChild('watchdog-parent.child.ts')
  const engine = Number(await parent.line())
  try {
    // It hangs while the parent is there.
    await new Promise(resolve => setTimeout(resolve, 1500))
    expect(runs(engine)).toBe(true)
    await parent.kill()
    const begun = performance.now()
    while (runs(engine) && performance.now() - begun < 20_000) await new Promise(resolve => setTimeout(resolve, 100))
    expect(runs(engine)).toBe(false)
  } finally {
    if (runs(engine)) process.kill(engine, 'SIGKILL')
  }
}, 40_000)
