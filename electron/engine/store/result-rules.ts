import { type Rule, rules } from './rules.ts'

/** A column of a result, and the column of a table that it comes from. */
export interface ResultRule {
  readonly name: string
  readonly from: string
  readonly rule: Rule
}

/** `column`, `table.column`, `column AS name`, `column AS "name"`. */
const PLAIN = /^(?:(\w+)\.)?(\w+)(?:\s+AS\s+"?(\w+)"?)?$/i

/**
 * The rules for the rows that a statement returns: for each column that comes unchanged from a table. (SQLite reports the
 * origin of a column itself, but that call of the binding crashes the process.)
 */
export const resultRules = (sql: string): readonly ResultRule[] => {
  const select = /^\s*SELECT\s+([\s\S]*?)\s+FROM\s+([\s\S]*)$/i.exec(sql)
  // Compound and nested statements return sums and counts, which SQLite computes.
  if (select === null || /\bUNION\b/i.test(sql)) return []
  const [, list, rest] = select
  const tables = [...rest!.matchAll(/(?:^|\bJOIN\s+)(\w+)/gi)].map(match => match[1]!.toLowerCase())
  // A LEFT JOIN without a match returns NULL in any column.
  const mayLack = /\bLEFT\s+JOIN\b/i.test(sql)
  return items(list!).flatMap(item => {
    const match = PLAIN.exec(item.trim())
    if (match === null) return []
    const [, table, column, alias] = match
    const from = table ?? tables.find(each => rules[each]?.[column!] !== undefined)
    const rule = from === undefined ? undefined : rules[from]?.[column!]
    if (rule === undefined) return []
    const { expected, accepts } = rule
    return {
      name: alias ?? column!,
      from: `${from}.${column}`,
      rule: mayLack ? { expected, accepts: value => value === null || accepts(value) } : rule,
    }
  })
}

/** The list between SELECT and FROM at its outer commas. */
const items = (list: string): string[] => {
  const columns: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at <= list.length; at++) {
    const sign = list[at]
    if (sign === '(') depth++
    else if (sign === ')') depth--
    else if (sign === undefined || (sign === ',' && depth === 0)) {
      columns.push(list.slice(from, at))
      from = at + 1
    }
  }
  return columns
}
