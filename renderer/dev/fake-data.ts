/** Jobs, models and folders of the fake engine. */
import type { JobRecord } from '../../electron/contract/jobs.ts'
import type { FakeHandlers } from './fake-bridge.ts'
import { CREDIT, model } from './fake-project.ts'

const jobs: JobRecord[] = [
  {
    ...record(4, 'atlas stability', 'running', 'seed 8: umap', 312, 500, 'epochs', null),
    params: { layout: 'layout 3', seeds: 3 },
  },
  record(3, 'atlas mixed4d', 'running', 'icons of mixed4d', 214, 388, 'icons', null),
  record(2, 'atlas mixed4c', 'done', null, 1, 1, '', null),
  record(
    1,
    'photographs',
    'failed',
    'reading',
    812,
    1000,
    'photographs',
    'cannot read the folder /photographs/old: there is no such file or folder; link it again on the Photographs page',
  ),
]

function record(
  id: number,
  kind: string,
  state: JobRecord['state'],
  stage: string | null,
  done: number,
  total: number,
  unit: string,
  error: string | null,
): JobRecord {
  return {
    id,
    kind,
    key: `job-${id}`,
    params: null,
    state,
    stage,
    done,
    total,
    unit,
    stages:
      state === 'done'
        ? [
            { name: 'sampling', outcome: 'computed', seconds: 412 },
            { name: 'layout', outcome: 'reused', seconds: 0 },
            { name: 'icons', outcome: 'computed', seconds: 1840 },
          ]
        : [],
    queued: 1_790_000_000_000,
    started: 1_790_000_001_000,
    updated: 1_790_000_400_000,
    finished: state === 'running' ? null : 1_790_000_900_000,
    error,
    cancelRequested: false,
  }
}

export const dataHandlers: FakeHandlers = {
  'jobs.list': () => jobs,
  'jobs.cancel': () => ({}),
  'jobs.log': () => [
    { time: 1_790_000_001_000, level: 'info', text: 'sampling 100,000 positions from 2,000 photographs' },
  ],
  'models.list': () => [model],
  'models.propose': () => ({
    description: {
      ...{ name: 'resnet18', size: [224, 224], channels: 'RGB', range: [0, 1], resize: 'stretch' },
      ...{ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], logits: 'logits', probabilities: 'softmax' },
      ...{ labels: null, license: 'unknown', source: 'unknown' },
      layers: ['relu_4', 'relu_8', 'relu_12', 'relu_16'].map(name => ({ name, tensor: `/layer/${name}/Relu_output` })),
    },
    classes: 1000,
    unconfirmed: ['input.channels', 'input.range', 'input.mean', 'input.std', 'input.resize', 'labels'],
    logits: [],
  }),
  'models.test': ({ images }) =>
    images.map(image => ({
      image,
      label: 'grey whale',
      top: [
        { index: 147, name: 'grey whale', value: 0.79 },
        { index: 148, name: 'killer whale', value: 0.2 },
        { index: 2, name: 'great white shark', value: 0.003 },
      ],
    })),
  'models.accuracy': () => ({
    labelled: 1000,
    known: 1000,
    classes: 1000,
    top1: {
      count: 612,
      of: 1000,
      share: { value: 0.612, low: 0.581, high: 0.642, photographs: 1000, interval: 'wilson' },
    },
    top5: {
      count: 842,
      of: 1000,
      share: { value: 0.842, low: 0.818, high: 0.863, photographs: 1000, interval: 'wilson' },
    },
    confused: [
      { actual: 147, predicted: 148, photographs: 1, of: 1 },
      { actual: 2, predicted: 3, photographs: 1, of: 1 },
    ],
  }),
  'folder.list': () => [
    {
      id: 1,
      name: 'imagenet-1000',
      path: '/photographs/imagenet-1000',
      available: true,
      images: 1000,
      classes: {
        modelName: model.name,
        total: 1000,
        most: [
          { name: 'tench', images: 1 },
          { name: 'goldfish', images: 1 },
        ],
      },
      attribution: '/photographs/imagenet-1000/ATTRIBUTION.csv',
      used: 'its photographs are in 1 sample set of this project',
      classless: [],
      licenses: [{ license: CREDIT.license, images: 1000 }],
      unreadable: [],
    },
    {
      id: 2,
      name: 'holidays',
      path: '/photographs/holidays',
      available: false,
      images: 1000,
      classes: null,
      attribution: null,
      used: null,
      classless: [
        { modelName: model.name, images: 412, hints: '"beach" (400, no class), "crane" (12, the name of 2 classes)' },
      ],
      licenses: [],
      unreadable: [
        { file: 'IMG_0041.jpg', reason: 'is truncated' },
        { file: 'notes.png', reason: 'is not a picture' },
      ],
    },
  ],
}
