import { copyFileSync, cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { networkIn, readModel } from '../../electron/engine/model/file.ts'
import { loadClassifier } from '../../electron/engine/model/load.ts'
import { classifierOfJob } from '../../electron/engine/pipelines/kinds.ts'
import { openClassifier } from '../../electron/engine/registry/open.ts'
import { listJobRecords } from '../../electron/engine/store/jobs.ts'
import { listModels } from '../../electron/engine/store/models.ts'
import { openProject } from '../../electron/engine/store/open.ts'
import { portolan, succeed } from '../fixtures/command-line.ts'
import { cellsOf, classAtlas, DescribedModels, describeAs, everyStage } from '../fixtures/described-models.ts'
import { twoHeads, writeWithExternalData } from '../fixtures/two-heads.ts'

/** The files that a model consists of, and the places where a project finds them. */
const models = new DescribedModels()
const { at } = models
/** Builds of seconds, several in a test, on machines that have other work. */
const PATIENCE = 300_000

beforeAll(() => models.prepare(), PATIENCE)
afterAll(() => models.remove())

describe('weights in files of their own', () => {
  test('are a part of the network', async () => {
    mkdirSync(at('external'))
    const model = at('external', 'net.onnx')
    await writeWithExternalData(model, twoHeads(1))
    const [bytes, first] = [readFileSync(model), await networkIn(model)]
    expect(first.data).toEqual(['net.onnx.data'])
    await writeWithExternalData(model, twoHeads(2))
    expect(readFileSync(model)).toEqual(bytes)
    const second = await networkIn(model)
    expect(second.graphHash).toBe(first.graphHash)
    expect(second.hash).not.toBe(first.hash)
    expect((await readModel(model)).hash).toBe(second.hash)
    await writeWithExternalData(model, twoHeads(1))
    expect((await readModel(model)).hash).toBe(first.hash)
    // Without such files the identity is the hash of the file, as projects have always had it.
    const { hash, graphHash } = await networkIn(at('net.onnx'))
    expect(hash).toBe(graphHash)
  })

  test(
    'overwritten are another model: a build makes other atlases, and commands on earlier atlases refuse it',
    async () => {
      mkdirSync(at('retrained'))
      const [model, project] = [at('retrained', 'net.onnx'), at('retrained', 'p.portolan')]
      describeAs(model, {})
      await writeWithExternalData(model, twoHeads(1))
      await models.build(project, model)
      const before = await cellsOf(project, 'late')
      copyFileSync(project, at('retrained', 'old.portolan'))
      await writeWithExternalData(model, twoHeads(2))
      const old = at('retrained', 'old.portolan')
      for (const args of [
        ['class-atlas', old, '--layer', 'late', '--class', '3', '--steps', '2'],
        ['compare', old, '--layer', 'late', '--classes', '3,4', '--steps', '2'],
        ['atlas', 'layout', old, '--layers', 'late', '--grid', '2', '--neighbours', '4'],
      ]) {
        const ended = await portolan(...args)
        expect([ended.status, ended.err]).toEqual([1, expect.stringContaining(`${model} is not the model`)])
      }
      expect((await succeed('project', 'info', old)).out).toContain('is not the model')
      expect((await models.build(project, model)).outcomes).toMatchObject(everyStage('computed'))
      const after = await cellsOf(project, 'late')
      expect(after.cells).not.toEqual(before.cells)
      await models.build(at('retrained', 'fresh.portolan'), model)
      expect(after.cells).toEqual((await cellsOf(at('retrained', 'fresh.portolan'), 'late')).cells)
    },
    PATIENCE,
  )
})

describe('where a model is', () => {
  test(
    'moved together with its project it is found, and apart from it named with --model',
    async () => {
      mkdirSync(at('here'))
      const model = models.modelIn(join('here', 'models'))
      const project = at('here', 'p.portolan')
      await models.build(project, model)
      renameSync(at('here'), at('there'))
      await succeed(...classAtlas(at('there', 'p.portolan')))

      mkdirSync(at('alone'))
      cpSync(at('there', 'p.portolan'), at('alone', 'p.portolan'))
      // A stranger's model at the place where the project looks, and another one's sidecar: neither is taken.
      const ended = await portolan(...classAtlas(at('alone', 'p.portolan')))
      expect(ended.status).toBe(1)
      for (const text of [`not at ${model}`, `nor at ${at('alone', 'models', 'net.onnx')}`, '--model'])
        expect(ended.err).toContain(text)
      await succeed(...classAtlas(at('alone', 'p.portolan'), '--model', at('there', 'models', 'net.onnx')))
      // Named once it is known.
      await succeed(...classAtlas(at('alone', 'p.portolan'), '--class', '4'))
      const wrong = await portolan(...classAtlas(at('alone', 'p.portolan'), '--model', at('wrong.onnx')))
      expect(wrong.status).toBe(1)
    },
    PATIENCE,
  )

  test('names of classes come from the project, also where nothing else is left of it', async () => {
    mkdirSync(at('names'))
    const project = at('names', 'p.portolan')
    copyFileSync(at('base.portolan'), project)
    const { cells } = await cellsOf(project, 'late')
    for (const each of cells.flatMap(cell => cell.for)) expect(each.name).toBe(`thing ${each.class}`)
  })

  test(
    'a path that was typed in one folder is never one of another folder',
    async () => {
      mkdirSync(at('typed'))
      const model = models.modelIn(join('typed', 'six'))
      const project = at('typed.portolan')
      const before = process.cwd()
      try {
        process.chdir(at('typed'))
        await models.build(project, join('six', 'net.onnx'))
        // Another folder with a model of the same relative path, whose sidecar has other names.
        mkdirSync(at('elsewhere'))
        describeAs(models.modelIn(join('elsewhere', 'six')), {
          labels: Array.from({ length: 10 }, (_, i) => `strange ${i}`),
        })
        process.chdir(at('elsewhere'))
        const { cells } = await cellsOf(project, 'late')
        for (const each of cells.flatMap(cell => cell.for)) expect(each.name).toBe(`thing ${each.class}`)
        await succeed(...classAtlas(project, '--class', 'thing 3'))
        expect((await succeed('project', 'info', project)).out).toContain(model)
      } finally {
        process.chdir(before)
      }
    },
    PATIENCE,
  )
})

test(
  'a model is read and prepared once for a path, a project and a job, as long as its files are the same',
  async () => {
    const [model, project] = [models.modelIn('once'), at('once', 'p.portolan')]
    await models.build(project, model)
    using db = openProject(project, { mode: 'read' })
    const { kind, params } = listJobRecords(db)[0]!
    const key = listModels(db)[0]!.classifier
    // Until clocks of file systems can distinguish a second write, a file is read again.
    await expect
      .poll(async () => new Set([await openClassifier(db, key), await openClassifier(db, key)]).size, {
        timeout: 20_000,
      })
      .toBe(1)
    const classifier = await openClassifier(db, key)
    expect(await classifierOfJob(db, kind, params)).toBe(classifier)
    expect((await loadClassifier(model)).graph).toBe((await loadClassifier(model)).graph)
    writeFileSync(model, readFileSync(model))
    expect(await openClassifier(db, key)).not.toBe(classifier)
  },
  PATIENCE,
)
