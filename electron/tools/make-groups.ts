/**
 * Makes resources/classes/imagenet-groups.json: groups of ImageNet's 1,000 classes with plain names ("dog", "vehicle"),
 * from the hypernyms of WordNet 3.0. The groups and their names are chosen below; which classes belong to them is
 * WordNet's. The dict folder is that of WordNet 3.0, such as usr/share/wordnet of Debian's package wordnet-base.
 *
 *   node electron/tools/make-groups.ts DICT
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * A group per line, indented below the group that it is part of: its name, then its synsets. A class belongs to the first
 * group of a level that has it, so that a car is a vehicle and not, as for WordNet also, a container.
 */
const GROUPS = `
animal n00015388
  mammal n01861778
    dog n02084071
      terrier n02092468
      hound n02087551
      gun dog n02098550
        spaniel n02101108
        retriever n02099029
      sheepdog n02104523
      watchdog n02103841
      mountain dog n02107420
      toy dog n02085374
      spitz n02111626
      poodle n02113335
    wild canine n02083346
      wolf n02114100
      fox n02118333
    cat family n02120997
      domestic cat n02121808
      big cat n02127808
    bear n02131653
    weasel family n02441326
    primate n02469914
      monkey n02484322
      ape n02470325
    hoofed mammal n02370806
    rodent n02329401
    rabbit n02323449
    sea mammal n02062017
    marsupial n01874434
  bird n01503061
    songbird n01524359
    bird of prey n01604330
    fowl n01789386
    parrot n01816887
    water bird n01844917
      waterfowl n01845477
      wading bird n02000954
  reptile n01661091
    snake n01726692
    lizard n01674464
    turtle n01662784
  amphibian n01627424
    salamander n01629276
    frog n01639765
  fish n02512053
    shark or ray n01480516
    bony fish n02514825
  invertebrate n01905661
    insect n02159955
      beetle n02164464
      butterfly n02274259
    arachnid n01769347
      spider n01772222
    crustacean n01974773
      crab n01976957
    mollusk n01940736
food n07555863 n00021265 n07809368
  vegetable n07707451
  fruit n07705931
  bread n07679356
  dish n07557434
plant or fungus n13086908 n12992868 n13104059 n11669921
  fungus n12992868
landform n09287968
man-made thing n00021939
  vehicle n04524313 n03100490
    car n02958343
    truck n04490091
    bus n02924116
    military vehicle n03764276
    watercraft n04530566
      ship n04194289
      boat n02858304
    aircraft n02686568
    cart or wagon n02970849 n04543158
  structure n04341686
    building n02913152
      place of worship n03953416
    shop n04202417
    barrier n02796623
      fence n03327234
    bridge n02898711
  clothing n03051540 n03502509 n03380867
    headgear n03502509
    footwear n03380867
    coat or cloak n03863923
    skirt n04230808
    swimsuit n04371563
  armour n02739668
  furniture n03405265
    seat n04161981
  musical instrument n03800933
    keyboard instrument n03614532
    wind instrument n04586932
    stringed instrument n04338517
    percussion instrument n03915437
  weapon n04565375
    gun n04090263 n03467984 n03343853
  measuring instrument n03733925
    timepiece n04437953
  electronics n03278248 n03082979 n03916720
    computer n03082979
  appliance n02729837
    kitchen appliance n03620052
  tool or utensil n03563967
    hand tool n03489162
    kitchen utensil n03621049
  container n03094503
    bottle n02876657
    box n02883344
    bag n02773037
    vessel n04531098
  sports equipment n04285146 n03414162
    ball n02778669
  cloth n03309808
  toiletry n04447443
  device n03183080
    fastener n03323703
    machine n03699975
    mechanism n03738472
  covering n03122748
`

/** Below this, a group is hardly wider than a class. */
const LEAST_CLASSES = 3

interface Group {
  readonly name: string
  readonly depth: number
  readonly synsets: readonly string[]
}

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The hypernyms of each noun synset, instances included. The format of data.noun is that of WordNet's wndb(5). */
async function readHypernyms(dict: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const lines = (await readFile(join(dict, 'data.noun'), 'utf8')).split('\n').filter(line => /^\d{8} /.test(line))
  return new Map(
    lines.map(line => {
      const fields = line.split(' ')
      const pointers = 4 + 2 * Number.parseInt(fields[3]!, 16)
      const above = Array.from({ length: Number(fields[pointers]) }, (_, p) =>
        fields.slice(pointers + 1 + 4 * p, pointers + 4 + 4 * p),
      )
        .filter(([symbol, , part]) => (symbol === '@' || symbol === '@i') && part === 'n')
        .map(([, offset]) => `n${offset}`)
      return [`n${fields[0]}`, above]
    }),
  )
}

function parseGroups(text: string): readonly Group[] {
  return text
    .trim()
    .split('\n')
    .map(line => {
      const [, indent = '', name = '', synsets = ''] = /^( *)(.*?)((?: n\d{8})+)$/.exec(line) ?? []
      return { name, depth: indent.length / 2, synsets: synsets.trim().split(' ') }
    })
}

async function main(dict: string | undefined): Promise<void> {
  if (dict === undefined) throw new Error('name the dict folder of WordNet 3.0')
  const hypernyms = await readHypernyms(dict)
  const ancestors = (synset: string): ReadonlySet<string> => {
    const all = new Set([synset])
    for (const each of all) for (const above of hypernyms.get(each) ?? []) all.add(above)
    return all
  }
  const groups = parseGroups(GROUPS)
  for (const { name, synsets } of groups)
    for (const synset of synsets) if (!hypernyms.has(synset)) throw new Error(`${name}: WordNet has no ${synset}`)

  const classes = (await readFile(at('resources/models/imagenet-synsets.txt'), 'utf8'))
    .trim()
    .split('\n')
    .map(line => line.slice(0, 9))
  /** Of each class, the groups that it is in, from coarse to fine. */
  const paths = classes.map(synset => {
    const above = ancestors(synset)
    const path: number[] = []
    for (const [index, { depth, synsets }] of groups.entries()) {
      // Once a group is left, the walk is over: what follows is another branch.
      if (depth < path.length) break
      if (depth === path.length && synsets.some(each => above.has(each))) path.push(index)
    }
    return path
  })
  const sizes = groups.map((_, index) => paths.filter(path => path.includes(index)).length)
  for (const [index, { name }] of groups.entries())
    if (sizes[index]! < LEAST_CLASSES) throw new Error(`${name} has only ${sizes[index]} classes: leave it out`)
  const parent = (index: number): number => {
    const { depth } = groups[index]!
    return groups.findLastIndex((each, before) => before < index && each.depth === depth - 1)
  }
  const lines = groups.map(({ name, synsets }, index) =>
    JSON.stringify({ name, parent: parent(index) < 0 ? null : parent(index), wordnet: synsets }),
  )
  const members = classes.map((synset, index) => JSON.stringify([synset, paths[index]!.at(-1) ?? null]))
  await writeFile(
    at('resources/classes/imagenet-groups.json'),
    `{"source": "WordNet 3.0, Copyright 2006 by Princeton University. All rights reserved. See wordnet-LICENSE.txt.",\n` +
      `"groups": [\n${lines.join(',\n')}\n],\n"classes": [\n${members.join(',\n')}\n]}\n`,
  )
  const without = classes.filter((_, index) => paths[index]!.length === 0)
  process.stdout.write(
    `${groups.length} groups; ${without.length} classes in none: ${without.join(', ')}\n${groups
      .map(({ name, depth }, index) => `${'  '.repeat(depth)}${name} ${sizes[index]}`)
      .join('\n')}\n`,
  )
}

await main(process.argv[2])
