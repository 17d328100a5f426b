import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { random } from '../fixtures/random.ts'
import { type Dice, diceOf } from './dice.ts'
import { dump } from './dump.ts'
import { Counting, type Tally } from './report.ts'
import { complaint, Runner } from './runner.ts'

/** Values that no column accepts, and some that one or another takes. */
const values = [
  ...['NULL', '0', '-5', '1', '2147483647', '9007199254740993', '1e300', '-1e300', '9e999', '0.5'],
  ...[`''`, `'{'`, `'[]'`, `'{}'`, `'null'`, `'[1,2]'`, `'{"a":[{"b":{}}]}'`, `printf('%.100000c', 'x')`],
  ...[`x''`, `x'00'`, `x'ffffffffffffff7f'`, 'zeroblob(100000)', `'/dev/zero'`, `char(27) || ']0;x'`],
]
const endless = '(WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c)'
const programs = (table: string): string[] => [
  `ALTER TABLE "${table}" RENAME TO t2; CREATE VIEW "${table}" AS SELECT * FROM t2 WHERE ${endless} > 0`,
  `CREATE TRIGGER t AFTER INSERT ON "${table}" BEGIN SELECT ${endless}; END`,
  `CREATE TRIGGER t AFTER INSERT ON writer BEGIN DELETE FROM "${table}"; END`,
  `DROP TABLE "${table}"`,
  `DELETE FROM "${table}"`,
  `CREATE INDEX i ON "${table}" (hex(zeroblob(1000000)))`,
  `ALTER TABLE "${table}" ADD COLUMN more AS (hex(zeroblob(100000000)))`,
]

/**
 * Projects made by hand: a value of another kind somewhere, a row that is missing, a program in the schema. On each of
 * them commands that read and write are run, the one that takes seconds on every fourth and on those that the check finds
 * whole; each has to end in a result or in one sentence. Where `project check`
 * finds no fault, the contents have to be those of the sound project, and all other commands have to succeed.
 * @param only case that is tried alone
 */
export async function fuzzProjectRows(
  project: string,
  folder: string,
  seed: number,
  count: number,
  only?: number,
): Promise<Tally> {
  const seeds = random(seed)
  const original = dump(project)
  if (original instanceof Error) throw original
  const runner = new Runner()
  const tally = new Counting()
  for (let i = 0; i < count; i++) {
    const dice = diceOf(random(Math.floor(seeds() * 2 ** 31)))
    if (only !== undefined && only !== i) continue
    const file = join(folder, `crafted-${i}.portolan`)
    copyFileSync(project, file)
    const sql = craft(file, dice)
    const output = join(folder, `crafted-${i}`)
    const contents = dump(file)
    let isSound = false
    for (const command of commandsOn(file, output)) {
      if (command[0] === 'class-atlas' && i % 4 !== 0 && !isSound) continue
      const ending = await runner.run(...command)
      if (command[1] === 'check') isSound = ending.status === 0
      const fault =
        complaint(ending) ??
        (isSound && ending.status !== 0
          ? `the check found no fault, and then: ${ending.err.slice(0, 300)}`
          : undefined) ??
        (isSound && command[1] === 'check' ? alteration(original, contents) : undefined)
      if (fault === undefined) tally.add(`${command.slice(0, 2).join(' ').replace(file, '')}: ${ending.status}`)
      else tally.fail(`case ${i} of seed ${seed} (${sql}): ${command[0]} ${command[1]}: ${fault}`)
    }
    for (const suffix of ['.portolan', '.portolan-wal', '.portolan-shm', '.json', '.png', '.samples'])
      rmSync(output + suffix, { force: true })
  }
  runner.stop()
  return tally
}

/** Commands that read and write; all of them succeed on a sound project. */
export const commandsOn = (file: string, output: string): string[][] => [
  ['project', 'check', file],
  ['project', 'info', file],
  ['jobs', 'list', file],
  ['atlas', 'export', file, '--layer', 'mixed3b', '--grid', '4', '--cells', `${output}.json`, '--png', `${output}.png`],
  ['samples', 'export', file, '--out', `${output}.samples`],
  ['project', 'unlock', file],
  ['class-atlas', file, '--layer', 'mixed3b', '--class', '3', '--grid', '3', '--preset', 'draft', '--steps', '2'],
]

/** Who writes is not part of the contents. */
const alteration = (before: ReadonlyMap<string, string>, now: ReturnType<typeof dump>): string | undefined => {
  if (now instanceof Error) return `reported as intact, and cannot be read: ${now.message}`
  const tables = [...before].filter(([table, text]) => table !== 'writer' && now.get(table) !== text)
  return tables.length === 0
    ? undefined
    : `reported as intact, and differs in ${tables.map(([table]) => table).join(', ')}`
}

/** @returns what was done to the file */
const craft = (file: string, { pick, next }: Dice): string => {
  const database = new Database(file)
  database.unsafeMode(true)
  database.pragma('foreign_keys = OFF')
  database.pragma('ignore_check_constraints = ON')
  try {
    const columns = database
      .prepare<[], { relation: string; name: string }>(
        `SELECT m.name AS relation, c.name AS name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
         WHERE m.type = 'table' ORDER BY m.name, c.cid`,
      )
      .all()
    const tables = [...new Set(columns.map(({ relation }) => relation))]
    for (;;) {
      const { relation, name } = pick(columns)
      const change = `UPDATE "${relation}" SET "${name}" = ${pick(values)}`
      const sql = next() < 0.8 ? `${change}${next() < 0.5 ? ' LIMIT 1' : ''}` : pick(programs(pick(tables)))
      try {
        database.exec(sql)
        return sql
      } catch {
        // Not NULL, or not unique: another one.
      }
    }
  } finally {
    database.close()
  }
}
