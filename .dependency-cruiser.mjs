/** The arrows of the architecture: what may import what. docs/architecture.md prints them; a test compares the two. */
const engine = 'electron/engine'
/** Mathematics, models, photographs and runtimes: what knows nothing of a project. Each names what it may import. */
const may = {
  bounds: [],
  files: [],
  vectors: [],
  random: [],
  statistics: ['random'],
  figures: ['images'],
  // The end of processes: for the two that are one.
  lifetime: [],
  onnx: ['bounds'],
  autodiff: ['onnx'],
  runtime: ['onnx'],
  images: ['bounds'],
  model: ['bounds', 'files', 'onnx', 'autodiff', 'runtime', 'images'],
  sampling: ['onnx', 'model', 'images', 'runtime'],
  attribution: ['vectors', 'onnx', 'autodiff', 'model', 'runtime'],
  layout: ['vectors', 'random', 'statistics'],
  inversion: ['vectors', 'random', 'onnx', 'autodiff', 'model', 'runtime', 'images'],
  inference: ['files', 'onnx', 'model', 'runtime', 'inversion'],
  conformance: ['random', 'onnx', 'autodiff', 'model', 'runtime', 'inversion'],
  doctor: ['files', 'onnx', 'model', 'runtime', 'inference', 'conformance'],
  store: [],
}
const below = Object.keys(may)
/** The job machine, and what keeps models and photographs in a project. */
may.jobs = ['store', 'runtime']
may.registry = [...below, 'jobs']
may.photographs = [...below, 'jobs']
/** What a build consists of, and who performs it. */
may.units = below
const project = [...below, 'jobs', 'registry', 'photographs', 'units']
/** The pipelines: what composes all of that into something a user asked for. */
may.atlas = project
may['class-atlas'] = [...project, 'atlas']
may.comparison = [...project, 'atlas', 'class-atlas']
may.image = [...project, 'atlas']
may.evaluation = project
may.patch = [...project, 'atlas', 'class-atlas', 'evaluation']
may.claims = [...project, 'atlas', 'class-atlas', 'comparison', 'patch']
may['samples-file'] = [...project, 'atlas']
may.parquet = [...project, 'atlas', 'patch']
may.demo = [...project, 'atlas', 'patch', 'samples-file']
const pipelines = [
  ...project,
  'atlas',
  'class-atlas',
  'comparison',
  'image',
  'evaluation',
  'patch',
  'claims',
  'samples-file',
  'parquet',
  'demo',
]
may.pipelines = pipelines
/** Units of builds on other machines. */
may.queue = [...below, 'units']
/** What reads a project and starts no work. */
may.query = pipelines.filter(name => !['demo', 'claims', 'parquet'].includes(name))
/** A project that is open: its jobs, and answers that need the network at once. */
may.workspace = [...pipelines, 'queue', 'pipelines', 'query']
/** Pages of a project, from the replies that a window gets. */
may.publish = [...may.workspace]
/** The two doors: the window's calls and the command line. */
may.rpc = [...may.workspace, 'workspace', 'publish']
/** The command line publishes what the window's calls reply. */
may.cli = [...may.rpc, 'rpc']

/** For the test of docs/architecture.md: folder → folders that it may import, and the folders that know no project. */
export { below as foundations, may, pipelines, project }

const folder = names => `^${engine}/(${names.join('|')})/`

export default {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'contract-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^electron/contract/' },
      to: { path: '^(electron|renderer)/', pathNot: '^electron/contract/' },
    },
    {
      name: 'renderer-knows-the-contract-only',
      severity: 'error',
      from: { path: '^renderer/' },
      to: { path: '^electron/', pathNot: '^electron/contract/' },
    },
    {
      name: 'engine-is-not-electron',
      severity: 'error',
      from: { path: `^${engine}/` },
      to: { path: '^(electron/(main|preload)|renderer)/|node_modules/electron/' },
    },
    {
      name: 'queue-is-loaded-when-there-is-one',
      comment: 'its library takes half a second to load',
      severity: 'error',
      from: { path: '^electron/engine', pathNot: '^electron/engine/(queue/|cli/commands/worker[.])' },
      to: { path: '^electron/engine/queue/(connection|coordinator|state|worker)[.]', dynamic: false },
    },
    {
      name: 'dev-is-not-shipped',
      severity: 'error',
      from: { path: '^(electron|renderer)/', pathNot: '^renderer/dev/' },
      to: { path: '^renderer/dev/' },
    },
    {
      name: 'shipped-code-does-not-import-tests',
      severity: 'error',
      from: { path: '^(electron|renderer)/' },
      to: { path: '^test/' },
    },
    ...Object.entries(may).map(([name, others]) => ({
      name: `${name}-imports-only-what-lies-below`,
      severity: 'error',
      from: { path: `^${engine}/${name}/` },
      to: { path: `^${engine}/`, pathNot: folder([name, ...others]) },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.portolan-cache' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
