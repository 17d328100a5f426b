import type { DefineCommand } from './command.ts'

/** A command in the help. Its file is loaded only when the command is named: the files import all of the engine. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<DefineCommand>
}

/** The commands in the order of the help. A group with a parent has sub-commands: `portolan model info`. */
interface Group {
  readonly heading: string
  readonly parent?: { readonly name: string; readonly summary: string }
  readonly commands: readonly CommandEntry[]
}

export const groups: readonly Group[] = [
  {
    heading: 'Networks',
    parent: { name: 'model', summary: 'describe networks and their preprocessing' },
    commands: [
      {
        name: 'info',
        summary: 'layers, classes and input of a network',
        load: async () => (await import('./commands/model-info.ts')).defineModelInfo,
      },
      {
        name: 'init',
        summary: 'write the sidecar of a network',
        load: async () => (await import('./commands/model-init.ts')).defineModelInit,
      },
    ],
  },
  {
    heading: 'Networks',
    commands: [
      {
        name: 'classify',
        summary: 'classify photographs',
        load: async () => (await import('./commands/classify.ts')).defineClassify,
      },
      {
        name: 'evaluate',
        summary: 'accuracy of a network on labelled photographs',
        load: async () => (await import('./commands/evaluate.ts')).defineEvaluate,
      },
      {
        name: 'runtimes',
        summary: 'list and measure the runtimes of this machine',
        load: async () => (await import('./commands/runtimes.ts')).defineRuntimes,
      },
      {
        name: 'doctor',
        summary: 'describe this machine and its runtimes for a report',
        load: async () => (await import('./commands/doctor.ts')).defineDoctor,
      },
    ],
  },
  {
    heading: 'Looking inside',
    commands: [
      {
        name: 'attribute',
        summary: 'attribution of one position of a layer to every class',
        load: async () => (await import('./commands/attribute.ts')).defineAttribute,
      },
      {
        name: 'invert',
        summary: 'invert directions or channels of one layer into icons',
        load: async () => (await import('./commands/invert.ts')).defineInvert,
      },
      {
        name: 'grid',
        summary: 'activation grid: an icon for every position of a layer',
        load: async () => (await import('./commands/grid.ts')).defineGrid,
      },
    ],
  },
  {
    heading: 'Atlases',
    parent: { name: 'atlas', summary: 'build, lay out and export activation atlases' },
    commands: [
      {
        name: 'build',
        summary: 'build the atlases of a network from folders of photographs',
        load: async () => (await import('./commands/atlas-build.ts')).defineAtlasBuild,
      },
      {
        name: 'layout',
        summary: 'build further atlases of existing samples, with other parameters',
        load: async () => (await import('./commands/atlas-layout.ts')).defineAtlasLayout,
      },
      {
        name: 'stability',
        summary: 'how far the layout of an atlas depends on its seed',
        load: async () => (await import('./commands/atlas-stability.ts')).defineAtlasStability,
      },
      {
        name: 'export',
        summary: 'export a grid of an atlas as a picture, as JSON or for NumPy',
        load: async () => (await import('./commands/atlas-export.ts')).defineAtlasExport,
      },
    ],
  },
  {
    heading: 'Atlases',
    commands: [
      {
        name: 'class-atlas',
        summary: 'atlas of the samples with attribution to one class',
        load: async () => (await import('./commands/class-atlas.ts')).defineClassAtlas,
      },
      {
        name: 'compare',
        summary: 'atlas that separates two classes of a layer, with suggestions for patches',
        load: async () => (await import('./commands/compare.ts')).defineCompare,
      },
      {
        name: 'claims',
        summary: 'test the claims of the article Activation Atlas on networks and photographs of yours',
        load: async () => (await import('./commands/claims.ts')).defineClaims,
      },
    ],
  },
  {
    heading: 'Patches',
    parent: { name: 'patch', summary: 'paste patches on photographs and measure the change of predictions' },
    commands: [
      {
        name: 'compose',
        summary: 'paste patches on a photograph',
        load: async () => (await import('./commands/patch-compose.ts')).definePatchCompose,
      },
      {
        name: 'classify',
        summary: 'predictions before and after patches are pasted',
        load: async () => (await import('./commands/patch-classify.ts')).definePatchClassify,
      },
      {
        name: 'sweep',
        summary: 'predictions with one patch at every size and position of one photograph',
        load: async () => (await import('./commands/patch-sweep.ts')).definePatchSweep,
      },
      {
        name: 'experiment',
        summary: 'how often patches change the predicted class, compared with controls',
        load: async () => (await import('./commands/patch-experiment.ts')).definePatchExperiment,
      },
      {
        name: 'suggest',
        summary: 'propose patches automatically and test them on held-out photographs',
        load: async () => (await import('./commands/patch-suggest.ts')).definePatchSuggest,
      },
    ],
  },
  {
    heading: 'Projects',
    parent: { name: 'project', summary: 'contents and integrity of a project' },
    commands: [
      {
        name: 'info',
        summary: 'contents of a project',
        load: async () => (await import('./commands/project-info.ts')).defineProjectInfo,
      },
      {
        name: 'check',
        summary: 'check a project for damage',
        load: async () => (await import('./commands/project-check.ts')).defineProjectCheck,
      },
      {
        name: 'unlock',
        summary: 'remove the lock of a project',
        load: async () => (await import('./commands/project-unlock.ts')).defineProjectUnlock,
      },
    ],
  },
  {
    heading: 'Projects',
    parent: { name: 'jobs', summary: 'list, cancel and resume jobs of a project' },
    commands: [
      {
        name: 'list',
        summary: 'list jobs with their state and duration',
        load: async () => (await import('./commands/jobs-list.ts')).defineJobsList,
      },
      {
        name: 'cancel',
        summary: 'cancel running jobs',
        load: async () => (await import('./commands/jobs-cancel.ts')).defineJobsCancel,
      },
      {
        name: 'resume',
        summary: 'resume an interrupted, cancelled or failed job',
        load: async () => (await import('./commands/jobs-resume.ts')).defineJobsResume,
      },
    ],
  },
  {
    heading: 'Projects',
    parent: { name: 'samples', summary: 'exchange samples between projects, without photographs' },
    commands: [
      {
        name: 'export',
        summary: 'export the samples of a project to a compact file',
        load: async () => (await import('./commands/samples-export.ts')).defineSamplesExport,
      },
      {
        name: 'import',
        summary: 'import the samples of a file into a project',
        load: async () => (await import('./commands/samples-import.ts')).defineSamplesImport,
      },
    ],
  },
  {
    heading: 'Projects',
    commands: [
      {
        name: 'export',
        summary: 'write the tables of a project as Parquet, for pandas, DuckDB and others',
        load: async () => (await import('./commands/export.ts')).defineExport,
      },
      {
        name: 'publish',
        summary: 'write atlases of a project as a web page',
        load: async () => (await import('./commands/publish.ts')).definePublish,
      },
    ],
  },
  {
    heading: 'Many machines',
    commands: [
      {
        name: 'worker',
        summary: 'join a queue, and do what builds with --queue put there',
        load: async () => (await import('./commands/worker.ts')).defineWorker,
      },
    ],
  },
  {
    heading: 'First steps',
    commands: [
      {
        name: 'demo',
        summary: 'build an example atlas within minutes',
        load: async () => (await import('./commands/demo.ts')).defineDemo,
      },
    ],
  },
]
