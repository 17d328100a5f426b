import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { listModels, putModel } from '../../../electron/engine/store/models.ts'
import { openProject, unlockProject } from '../../../electron/engine/store/open.ts'
import { thisProcess } from '../../../electron/engine/store/process.ts'
import { currentWriter } from '../../../electron/engine/store/writer.ts'
import { startChild } from './children.ts'
import { aModel, temporaryProject, who } from './project.ts'

const closedProject = (): string => {
  const project = temporaryProject()
  project.close()
  return project.file
}
const model = { ...aModel, hash: 'h', name: 'googlenet', file: '/m.onnx', sidecar: { a: 1 } }

/** Writes down a holder as a process would have that was not able to take its name out again. */
const leaveHold = (file: string, holder: { pid: number; host: string; started: string | null }): void => {
  const database = new Database(file)
  database
    .prepare(`INSERT INTO writer (one, token, pid, host, started, command, since)
      VALUES (1, 'old', @pid, @host, @started, 'portolan old', 1700000000000)`)
    .run(holder)
  database.close()
}

describe('one writer', () => {
  test('a second one is refused with the name of the writer, and readers are welcome', async () => {
    const file = closedProject()
    const child = startChild('store/hold.child.ts', file)
    await child.line()
    expect(() => openProject(file, { mode: 'write', who })).toThrow(
      new RegExp(`being written by "portolan hold" \\(process ${child.process.pid} on .*portolan jobs cancel`),
    )
    using reader = openProject(file, { mode: 'read' })
    expect(currentWriter(reader)).toMatchObject({ pid: child.process.pid, command: 'portolan hold' })
  })

  test('within one process too', () => {
    const project = temporaryProject()
    expect(() => openProject(project.file, { mode: 'write', who })).toThrow(`process ${process.pid}`)
  })

  test('killed, it no longer holds the project', async () => {
    const file = closedProject()
    const child = startChild('store/hold.child.ts', file)
    await child.line()
    await child.kill()
    using project = openProject(file, { mode: 'write', who })
    expect(currentWriter(project)).toMatchObject({ pid: process.pid })
  })

  test('whose number was given to another process is not taken for that', () => {
    const file = closedProject()
    leaveHold(file, { ...thisProcess(), started: 'another boot 4711' })
    openProject(file, { mode: 'write', who }).close()
  })

  test('on another machine counts as running, until the user knows better', () => {
    const file = closedProject()
    leaveHold(file, { pid: 1, host: 'another-machine', started: null })
    expect(() => openProject(file, { mode: 'write', who })).toThrow(/on another-machine.*portolan project unlock/)
    unlockProject(file)
    openProject(file, { mode: 'write', who }).close()
  })

  test('that has lost its lock writes no more', () => {
    const project = temporaryProject()
    unlockProject(project.file)
    using other = openProject(project.file, { mode: 'write', who })
    expect(() => putModel(project, model)).toThrow('was locked by another process')
    putModel(other, model)
    project.close()
    // Its leaving does not end the hold of the other.
    expect(currentWriter(other)).toBeDefined()
  })
})

describe('a reader', () => {
  test('sees what is committed and not what is not, and cannot write', () => {
    const project = temporaryProject()
    using reader = openProject(project.file, { mode: 'read' })
    project.write(() => {
      putModel(project, model)
      expect(listModels(reader)).toEqual([])
    })
    expect(listModels(reader)).toMatchObject([model])
    expect('write' in reader).toBe(false)
  })

  test('keeps its snapshot while the writer continues', () => {
    const project = temporaryProject()
    using reader = openProject(project.file, { mode: 'read' })
    reader.snapshot(() => {
      expect(listModels(reader)).toEqual([])
      putModel(project, model)
      expect(listModels(reader)).toEqual([])
    })
    expect(listModels(reader)).toMatchObject([model])
  })
})

test('a part of a transaction that fails and is caught is rolled back', () => {
  const project = temporaryProject()
  project.write(() => {
    putModel(project, model)
    expect(() =>
      project.write(() => {
        putModel(project, { ...model, hash: 'other' })
        throw new Error('no')
      }),
    ).toThrow('no')
  })
  expect(listModels(project)).toMatchObject([model])
})
