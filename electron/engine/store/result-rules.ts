import { type Rule, rules } from './rules.ts'

/** A column of a result, and the column of a table that it comes from. */
export interface ResultRule {
  readonly name: string
  readonly from: string
  readonly rule: Rule
}

/** `column`, `table.column`, `column AS name`, `column AS "name"`. */
const plain = /^(?:(\w+)\.)?(\w+)(?:\s+AS\s+"?(\w+)"?)?$/i

/**
 * The rules for the rows that one of our statements returns: for each column that is taken as it is from a table. (Asking
 * SQLite for the origin of a column would be simpler; the binding's way to do that ends the process.)
 */
export const resultRules = (sql: string): readonly ResultRule[] => {
  const select = /^\s*SELECT\s+([\s\S]*?)\s+FROM\s+([\s\S]*)$/i.exec(sql)
  // Several statements in one, or one in another: their columns are sums and counts, which SQLite computes itself.
  if (select === null || /\bUNION\b/i.test(sql)) return []
  const [, list, rest] = select
  const tables = [...rest!.matchAll(/(?:^|\bJOIN\s+)(\w+)/gi)].map(match => match[1]!.toLowerCase())
  // What a LEFT JOIN finds nothing for is NULL, whatever the column may hold.
  const mayLack = /\bLEFT\s+JOIN\b/i.test(sql)
  return items(list!).flatMap(item => {
    const match = plain.exec(item.trim())
    if (match === null) return []
    const [, table, column, alias] = match
    const from = table ?? tables.find(each => rules[each]?.[column!] !== undefined)
    const rule = from === undefined ? undefined : rules[from]?.[column!]
    if (rule === undefined) return []
    const { wants, holds } = rule
    return {
      name: alias ?? column!,
      from: `${from}.${column}`,
      rule: mayLack ? { wants, holds: value => value === null || holds(value) } : rule,
    }
  })
}

/** The list between SELECT and FROM at its outer commas. */
const items = (list: string): string[] => {
  const found: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at <= list.length; at++) {
    const sign = list[at]
    if (sign === '(') depth++
    else if (sign === ')') depth--
    else if (sign === undefined || (sign === ',' && depth === 0)) {
      found.push(list.slice(from, at))
      from = at + 1
    }
  }
  return found
}
