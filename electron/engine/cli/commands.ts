import type { AddCommand } from './command.ts'
import { addAtlasBuild } from './commands/atlas-build.ts'
import { addAtlasExport } from './commands/atlas-export.ts'
import { addAtlasLayout } from './commands/atlas-layout.ts'
import { addAttribute } from './commands/attribute.ts'
import { addClassAtlas } from './commands/class-atlas.ts'
import { addClassify } from './commands/classify.ts'
import { addCompare } from './commands/compare.ts'
import { addDemo } from './commands/demo.ts'
import { addEvaluate } from './commands/evaluate.ts'
import { addGrid } from './commands/grid.ts'
import { addInvert } from './commands/invert.ts'
import { addJobsCancel } from './commands/jobs-cancel.ts'
import { addJobsList } from './commands/jobs-list.ts'
import { addJobsResume } from './commands/jobs-resume.ts'
import { addModelInfo } from './commands/model-info.ts'
import { addModelInit } from './commands/model-init.ts'
import { addPatchClassify } from './commands/patch-classify.ts'
import { addPatchCompose } from './commands/patch-compose.ts'
import { addPatchExperiment } from './commands/patch-experiment.ts'
import { addPatchSuggest } from './commands/patch-suggest.ts'
import { addPatchSweep } from './commands/patch-sweep.ts'
import { addProjectCheck } from './commands/project-check.ts'
import { addProjectInfo } from './commands/project-info.ts'
import { addProjectUnlock } from './commands/project-unlock.ts'
import { addRuntimes } from './commands/runtimes.ts'
import { addSamplesExport } from './commands/samples-export.ts'
import { addSamplesImport } from './commands/samples-import.ts'

/** The commands in the order of the help. A group with a parent has sub-commands: `portolan model info`. */
interface Group {
  readonly heading: string
  readonly parent?: { readonly name: string; readonly summary: string }
  readonly commands: readonly AddCommand[]
}

export const groups: readonly Group[] = [
  {
    heading: 'Networks',
    parent: { name: 'model', summary: 'describe networks and their preprocessing' },
    commands: [addModelInfo, addModelInit],
  },
  { heading: 'Networks', commands: [addClassify, addEvaluate, addRuntimes] },
  { heading: 'Looking inside', commands: [addAttribute, addInvert, addGrid] },
  {
    heading: 'Atlases',
    parent: { name: 'atlas', summary: 'build, lay out and export activation atlases' },
    commands: [addAtlasBuild, addAtlasLayout, addAtlasExport],
  },
  { heading: 'Atlases', commands: [addClassAtlas, addCompare] },
  {
    heading: 'Patches',
    parent: { name: 'patch', summary: 'paste patches on photographs and measure the change of predictions' },
    commands: [addPatchCompose, addPatchClassify, addPatchSweep, addPatchExperiment, addPatchSuggest],
  },
  {
    heading: 'Projects',
    parent: { name: 'project', summary: 'contents and integrity of a project' },
    commands: [addProjectInfo, addProjectCheck, addProjectUnlock],
  },
  {
    heading: 'Projects',
    parent: { name: 'jobs', summary: 'list, cancel and resume jobs of a project' },
    commands: [addJobsList, addJobsCancel, addJobsResume],
  },
  {
    heading: 'Projects',
    parent: { name: 'samples', summary: 'exchange samples between projects, without photographs' },
    commands: [addSamplesExport, addSamplesImport],
  },
  { heading: 'First steps', commands: [addDemo] },
]
