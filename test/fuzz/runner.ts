import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How a case ended. `fault` states why it can't pass, whatever was printed: the process hung, crashed or took too much. */
export interface Ending {
  readonly status: number | null
  readonly out: string
  readonly err: string
  readonly fault?: string
}

export interface Bounds {
  /** Milliseconds. */
  readonly time: number
  /** Resident bytes. */
  readonly memory: number
}

export const usual: Bounds = { time: 120_000, memory: 1.5 * 2 ** 30 }

/**
 * Runs command lines in a process of its own, which is started again when one of them has ended it. A case passes only if
 * the process neither crashes nor hangs nor takes more memory than it may: that is monitored from outside.
 */
export class Runner {
  readonly #bounds: Bounds
  #child: ChildProcess | undefined

  constructor(bounds: Partial<Bounds> = {}) {
    this.#bounds = { ...usual, ...bounds }
  }

  async run(...args: readonly string[]): Promise<Ending> {
    const child = this.#child ?? (await this.#start())
    return new Promise(resolve => {
      const end = (ending: Ending): void => {
        clearTimeout(late)
        clearInterval(watch)
        child.removeAllListeners('message')
        child.removeAllListeners('exit')
        if (ending.fault !== undefined) {
          child.kill('SIGKILL')
          this.#child = undefined
        }
        resolve(ending)
      }
      const fail = (fault: string): void => end({ status: null, out: '', err: '', fault })
      const late = setTimeout(() => fail(`no result within ${this.#bounds.time} ms`), this.#bounds.time)
      const watch = setInterval(() => {
        const bytes = residentBytes(child.pid!)
        if (bytes > this.#bounds.memory) fail(`it took ${Math.round(bytes / 2 ** 20)} MiB`)
      }, 200)
      child.once('message', message => end(message as Ending))
      child.once('exit', (code, signal) => fail(`it ended with ${signal ?? code}`))
      child.send(args)
    })
  }

  async #start(): Promise<ChildProcess> {
    const child = fork(join(import.meta.dirname, 'runner.child.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child = child
    await once(child, 'message')
    return child
  }

  stop(): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}

/** 0 where the system does not report it. */
export const residentBytes = (pid: number): number => {
  try {
    return 4096 * Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1])
  } catch {
    return 0
  }
}

/** What no case may print: a bug, a stack, or a message that nobody can read. @returns the complaint */
export const complaint = ({ status, err, fault }: Ending): string | undefined => {
  if (fault !== undefined) return fault
  if (/this is a bug/.test(err)) return err.slice(0, 600)
  const sentences = err.split('\n').filter(line => line.startsWith('portolan:'))
  if (status !== 0 && sentences.length === 0) return `status ${status} without a sentence: ${err.slice(0, 300)}`
  const long = sentences.find(sentence => sentence.length > 500)
  return long && `a sentence of ${long.length} characters`
}
