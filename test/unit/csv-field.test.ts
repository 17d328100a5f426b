import { expect, test } from 'vitest'
import { csvField } from '../../electron/contract/csv.ts'

test.each([
  [-1.5, '-1.5'],
  ['wok', 'wok'],
  ['bottle, beer', '"bottle, beer"'],
  ['a "crane"', '"a ""crane"""'],
  ['two\nlines\u001b', 'two\\u000alines\\u001b'],
  // A spreadsheet would work these out.
  ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
  ['+1', "'+1"],
  ['-1.jpg', "'-1.jpg"],
  ['@a', "'@a"],
])('the field %j is %s', (value, field) => expect(csvField(value)).toBe(field))
