import { EventEmitter } from 'node:events'
import { CommanderError } from 'commander'
import { describe, expect, it, vi } from 'vitest'
import { UserError } from '../../electron/contract/errors.ts'
import { exitOf } from '../../electron/engine/cli/errors.ts'
import { interruption } from '../../electron/engine/cli/interruption.ts'

function interrupted(clock: { at: number }) {
  const target = Object.assign(new EventEmitter(), { exit: vi.fn<(status: number) => void>() })
  return { target, stop: interruption(target, () => clock.at) }
}

describe('an interruption', () => {
  it('aborts the work, and keeps the status of the signal', () => {
    const { target, stop } = interrupted({ at: 0 })
    expect([stop.signal.aborted, stop.status()]).toEqual([false, undefined])
    target.emit('SIGTERM', 'SIGTERM')
    expect([stop.signal.aborted, stop.status()]).toEqual([true, 143])
    expect(target.exit).not.toHaveBeenCalled()
  })

  it('takes two signals of one keystroke as one, and ends at once at the second', () => {
    const clock = { at: 0 }
    const { target, stop } = interrupted(clock)
    target.emit('SIGINT', 'SIGINT')
    clock.at = 100
    target.emit('SIGINT', 'SIGINT')
    expect(target.exit).not.toHaveBeenCalled()
    clock.at = 2_000
    target.emit('SIGINT', 'SIGINT')
    expect(target.exit).toHaveBeenCalledExactlyOnceWith(130)
    expect(stop.status()).toBe(130)
  })

  it('comes when the launcher is gone', () => {
    const { target, stop } = interrupted({ at: 0 })
    target.emit('disconnect')
    expect(stop.status()).toBe(129)
  })

  it('removes its listeners', () => {
    const { target, stop } = interrupted({ at: 0 })
    stop.dispose()
    expect(target.eventNames()).toEqual([])
  })
})

describe('the exit on an error', () => {
  it('prints the sentence and returns the status of an error for the user', () => {
    expect(exitOf(new UserError('no such file'), false)).toEqual({ status: 1, message: 'portolan: no such file' })
    expect(exitOf(new UserError('no such option', { exitCode: 2 }), false).status).toBe(2)
  })

  it('keeps the stack of a bug', () => {
    const { status, message } = exitOf(new TypeError('x is undefined'), false)
    expect(status).toBe(1)
    expect(message).toMatch(/this is a bug, please report it:\nTypeError: x is undefined\n {4}at /)
  })

  it('is 130 once the user has stopped the work, whatever is thrown then', () => {
    expect(exitOf(new Error('aborted'), true)).toEqual({ status: 130, message: 'portolan: stopped' })
  })

  it('is 0 for help and 2 for wrong usage', () => {
    expect(exitOf(new CommanderError(0, 'commander.helpDisplayed', ''), false)).toEqual({ status: 0 })
    expect(exitOf(new CommanderError(1, 'commander.unknownOption', ''), false)).toEqual({ status: 2 })
  })
})
