import { execFileSync } from 'node:child_process'
import { onTestFinished } from 'vitest'

const mount = (...args: readonly string[]): void => void execFileSync('mount', args, { stdio: 'pipe' })
const unmount = (folder: string): void => void execFileSync('umount', ['-l', folder], { stdio: 'pipe' })

/** Why file systems can't be mounted here; undefined where they can. */
export const mountRefused = (folder: string): string | undefined => {
  try {
    mount('-t', 'tmpfs', '-o', 'size=1m', 'portolan-test', folder)
    unmount(folder)
    return undefined
  } catch {
    return 'file systems cannot be mounted here: that takes the rights of root on Linux'
  }
}

/** Makes the folder a disk of so many bytes until the end of the test. */
export const mountSmallDisk = (folder: string, bytes: number): void => {
  mount('-t', 'tmpfs', '-o', `size=${bytes}`, 'portolan-test', folder)
  onTestFinished(() => unmount(folder))
}

export const remountReadOnly = (folder: string): void => mount('-o', 'remount,ro', folder)

export const growDisk = (folder: string, bytes: number): void => mount('-o', `remount,size=${bytes}`, folder)
