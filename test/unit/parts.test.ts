import { describe, expect, it } from 'vitest'
import { UserError } from '../../electron/contract/errors.ts'
import { chosen, runScript, type Script, timed } from '../fixtures/parts.ts'

const script: Script = {
  command: 'npm run things',
  about: 'Makes things.',
  parts: { layout: 'of samples', inversion: 'of icons', patches: 'on photographs' },
  options: { runtime: { value: 'NAME', about: 'this one only' }, small: { about: 'quickly' } },
}

const refusal = (...args: string[]): UserError => {
  try {
    chosen(script, args)
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error(`${args.join(' ')} was taken`)
}

describe('the command line of a script with parts', () => {
  it('is all parts where none is named, and those that are named in the order of the script', () => {
    expect(chosen(script, []).parts).toEqual(['layout', 'inversion', 'patches'])
    expect(chosen(script, ['patches', 'layout', 'patches']).parts).toEqual(['layout', 'patches'])
  })

  it('takes options before, between and after parts', () => {
    const { parts, options } = chosen(script, ['--runtime', 'cpu', 'inversion', '--small'])
    expect(parts).toEqual(['inversion'])
    expect(options).toMatchObject({ runtime: 'cpu', small: true })
  })

  it('refuses an unknown part in one sentence with the list, and exit status 2', () => {
    const { message, exitCode } = refusal('layout', 'inversoin')
    expect(message).toBe('npm run things: there is no part "inversoin"; there are layout, inversion, patches')
    expect(exitCode).toBe(2)
  })

  it.each([['--fast'], ['--runtime'], ['--small=yes']])('refuses %s in one sentence, and exit status 2', (...args) => {
    const { message, exitCode } = refusal(...args)
    expect(message).toContain(args[0]!.split('=')[0])
    expect(message).toContain('npm run things -- --help')
    expect(message).not.toContain('\n')
    expect(exitCode).toBe(2)
  })

  it('lists every part and option for --help, and runs nothing', async () => {
    const { help } = chosen(script, ['inversion', '--help'])
    for (const text of ['Makes things.', 'layout', 'of icons', 'on photographs', '--runtime NAME', '--small'])
      expect(help).toContain(text)
    let ran = false
    await runScript(script, ['--help'], async () => {
      ran = true
    })
    expect(ran).toBe(false)
  })
})

it('work is announced when it begins, when it ends and when it fails', async () => {
  const lines: string[] = []
  expect(
    await timed(
      'layout',
      () => 7,
      line => lines.push(line),
    ),
  ).toBe(7)
  const failing = timed(
    'patches',
    () => Promise.reject(new Error('no')),
    line => lines.push(line),
  )
  await expect(failing).rejects.toThrow('no')
  expect(lines.map(line => line.replace(/\d+ s/g, 'N s'))).toEqual([
    'layout: begun',
    'layout: finished after N s (N s in all)',
    'patches: begun',
    'patches: failed after N s (N s in all)',
  ])
})

it('a part on request runs only when it is named', () => {
  const long: Script = { ...script, onRequest: [Object.keys(script.parts)[0]!] }
  const [first, ...others] = Object.keys(script.parts)
  expect(chosen(long, []).parts).toEqual(others)
  expect(chosen(long, [first!]).parts).toEqual([first])
  expect(chosen(long, ['--help']).help).toContain(`all but ${first} where none is named`)
})
