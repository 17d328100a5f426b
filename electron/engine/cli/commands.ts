import type { AddCommand } from './command.ts'
import { addAtlasBuild } from './commands/atlas-build.ts'
import { addAttribute } from './commands/attribute.ts'
import { addClassify } from './commands/classify.ts'
import { addEvaluate } from './commands/evaluate.ts'
import { addGrid } from './commands/grid.ts'
import { addInvert } from './commands/invert.ts'
import { addModelInfo } from './commands/model-info.ts'
import { addModelInit } from './commands/model-init.ts'

/** The commands in the order of the help. A group with a name of its own holds sub-commands: `portolan model info`. */
export interface Group {
  readonly heading: string
  readonly parent?: { readonly name: string; readonly summary: string }
  readonly commands: readonly AddCommand[]
}

export const groups: readonly Group[] = [
  {
    heading: 'Networks',
    parent: { name: 'model', summary: 'what a network is, and how it wants its photographs' },
    commands: [addModelInfo, addModelInit],
  },
  { heading: 'Networks', commands: [addClassify, addEvaluate] },
  { heading: 'Looking inside', commands: [addAttribute, addInvert, addGrid] },
  {
    heading: 'Atlases',
    parent: { name: 'atlas', summary: 'build, lay out and export activation atlases' },
    commands: [addAtlasBuild],
  },
]
