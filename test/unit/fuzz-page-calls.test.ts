import { expect, test, vi } from 'vitest'
import { calls } from '../../electron/contract/calls.ts'
import { channels, type Reply } from '../../electron/contract/channels.ts'
import { UserError } from '../../electron/contract/errors.ts'
import { shellCalls } from '../../electron/contract/shell.ts'
import type { EngineProcess } from '../../electron/main/engine/engine-process.ts'
import { Grants } from '../../electron/main/grants.ts'
import { route } from '../../electron/main/router.ts'
import type { ShellHandlers } from '../../electron/main/shell-handlers.ts'
import type { Windows } from '../../electron/main/window/windows.ts'
import { random } from '../fixtures/random.ts'

type Handler = (event: unknown, name: unknown, input: unknown) => Promise<Reply>
const { handlers } = vi.hoisted(() => ({ handlers: new Map<string, unknown>() }))
vi.mock('electron', () => ({
  ipcMain: { handle: (channel: string, handler: unknown) => handlers.set(channel, handler), on: () => {} },
  protocol: {},
}))

const CASES = 4000
const accepted = 'accepted'
const names = [
  ...Object.keys(calls),
  ...Object.keys(shellCalls),
  '',
  '__proto__',
  'constructor',
  'toString',
  'x'.repeat(1e5),
]
const values: readonly unknown[] = [
  ...[undefined, null, true, 0, -1, 0.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 10n],
  ...[
    '',
    '/etc/passwd',
    '../x',
    'x'.repeat(1e5),
    '\u202e',
    '\0',
    {},
    [],
    [[]],
    new Uint8Array(3),
    new Date(),
    new Map(),
  ],
  ...[
    { __proto__: null },
    { length: 1e9 },
    { kind: 'file', file: '/etc/passwd' },
    Object.create({ file: '/etc/passwd' }),
  ],
]

test('a call that is malformed is refused in a sentence, and no path is used that the user did not choose', async () => {
  const reached: unknown[] = []
  const shell = new Proxy({}, { get: () => () => Promise.reject(new UserError(accepted)) }) as ShellHandlers
  route({
    engine: {
      call: (_client: number, name: string, given: unknown) => {
        reached.push([name, given])
        return Promise.reject(new UserError(accepted))
      },
    } as unknown as EngineProcess,
    windows: {} as Windows,
    grants: new Grants(),
    shell,
    onProject: () => {},
  })
  const next = random(14)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!
  const event = { senderFrame: { parent: null, url: 'portolan://app/index.html' }, sender: { id: 1 } }
  const members = [
    ...[
      'file',
      'files',
      'folder',
      'folders',
      'atlas',
      'grid',
      'grids',
      'i',
      'j',
      'kind',
      'patch',
      'experiment',
      'plan',
    ],
    ...['job', 'text', 'id', 'layers', 'classes', 'cells', 'others', 'models'],
  ]
  const endings = { accepted: 0, refused: 0 }
  for (let at = 0; at < CASES; at++) {
    const channel = pick([channels.call, channels.shell])
    const input =
      next() < 0.4
        ? pick(values)
        : Object.fromEntries(Array.from({ length: Math.floor(6 * next()) }, () => [pick(members), pick(values)]))
    const name = next() < 0.95 ? pick(names) : pick(values)
    const reply = await (handlers.get(channel) as Handler)(event, name, input)
    const label = `case ${at}: ${typeof name === 'string' ? name.slice(0, 40) : typeof name}`
    if (reply.ok) throw new Error(`${label}: accepted`)
    expect(reply.message, label).not.toMatch(/internal error/)
    if (reply.message === accepted) endings.accepted++
    else endings.refused++
  }
  expect(endings.refused).toBeGreaterThan(CASES / 2)
  expect(JSON.stringify(reached, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain(
    '/etc/passwd',
  )
})
