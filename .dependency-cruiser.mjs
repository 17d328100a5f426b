/** The arrows of the architecture: what may import what. Everything not named in `allowed` is refused. */
const engine = 'electron/engine'
/** Inference, what is made of it, and the project file: all that knows nothing of who asks. */
const may = {
  files: [],
  figures: [],
  onnx: [],
  runtime: ['onnx'],
  autodiff: ['onnx'],
  // The end of processes: asked by the two that are one.
  lifetime: [],
  images: [],
  model: ['files', 'onnx', 'autodiff', 'runtime', 'images'],
  sampling: ['onnx', 'model', 'images', 'runtime'],
  attribution: ['onnx', 'autodiff', 'model', 'runtime'],
  layout: [],
  inversion: ['onnx', 'autodiff', 'model', 'runtime', 'images'],
  atlas: ['figures', 'onnx', 'model', 'images', 'runtime', 'sampling', 'attribution', 'layout', 'inversion'],
  patch: ['figures', 'onnx', 'model', 'images', 'runtime', 'sampling', 'attribution', 'inversion'],
  store: [],
}
/** Work on projects, and the two that ask for it: the window's calls and the command line. */
may.jobs = Object.keys(may)
may.rpc = Object.keys(may).filter(name => name !== 'rpc')
may.cli = Object.keys(may).filter(name => name !== 'rpc' && name !== 'cli')
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
