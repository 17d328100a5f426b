import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { dismiss, dismissAll, notify, useNotices } from '../../../renderer/state/notices.ts'

const texts = () => useNotices.getState().map(({ text }) => text)

beforeEach(() => {
  vi.useFakeTimers()
  dismissAll()
})
afterEach(() => vi.useRealTimers())

it('information leaves by itself; warnings and errors stay until they are closed', () => {
  notify('saved')
  notify('skipped a file', 'warning')
  notify('the engine refused', 'error')
  vi.advanceTimersByTime(60_000)
  expect(texts()).toEqual(['skipped a file', 'the engine refused'])
  dismiss(useNotices.getState()[0]!.id)
  expect(texts()).toEqual(['the engine refused'])
})

it('shows a repeated notice once, the last three at most, and none of a project that is closed', () => {
  for (const text of ['a', 'b', 'c', 'd', 'b']) notify(text, 'error')
  expect(texts()).toEqual(['c', 'd', 'b'])
  dismissAll()
  expect(texts()).toEqual([])
})
