import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { count } from '../../renderer/ui/text.ts'

const root = join(import.meta.dirname, '../..')
const sources = readdirSync(join(root, 'renderer'), { recursive: true, encoding: 'utf8' }).filter(
  file => /\.tsx?$/.test(file) && !file.startsWith('dev'),
)

/** `${number(n)} icons` in a template, with the words before it. */
const COUNTED = /([\w×|]*) ?\$\{number\((?:[^(){}]|\((?:[^()]|\([^()]*\))*\))*\)\} [a-z]+s\b/g
/** After these a plural is right for any number, or the number is never 1. */
const BEFORE = new Set(['of', 'all', 'least', 'most', '×', '|'])

/** Begins a placeholder. */
const D = '$'

/** Texts that would read "1 icons". */
const plurals = (text: string): string[] =>
  [...text.matchAll(COUNTED)].flatMap(([all, before]) => (BEFORE.has(before!) ? [] : [all]))

test('a number of things is written by count(), which knows the singular', () => {
  expect(plurals(`${D}{number(n - f(m))} icons pending`)).toHaveLength(1)
  expect(plurals(`${D}{number(n)} of ${D}{number(m)} samples`)).toEqual([])
  expect(sources.length).toBeGreaterThan(100)
  const found = sources.flatMap(file =>
    plurals(readFileSync(join(root, 'renderer', file), 'utf8')).map(text => [file, text]),
  )
  expect(found).toEqual([])
  expect([count(1, 'icon'), count(3_000, 'class', 'classes')]).toEqual(['1 icon', '3,000 classes'])
})
