import { Fragment, type ReactNode, useState } from 'react'
import {
  type Effect,
  type Estimate,
  type ExperimentResult,
  groupNames,
  type PatchGroup,
  type Rate,
} from '../../electron/contract/experiment-result.ts'
import { pictureAddress } from '../state/pictures.ts'
import { useProject } from '../state/project.ts'
import { Segments } from '../ui/controls.tsx'
import { TERMS } from '../ui/terms.ts'
import { asLogit, asPoints, asShare, axisOf, DotBar, SHARES } from './DotBar.tsx'
import { arrowOf, placeText } from './geometry.ts'
import css from './results.module.css'

const named = (group: PatchGroup): string => groupNames[group].replace(/^./, first => first.toUpperCase())
const COLOURS: Readonly<Record<PatchGroup, string>> = {
  real: 'var(--for)',
  natural: '#c9a26b',
  spectrum: '#8c95a1',
  surroundings: '#7fa8a0',
  mean: '#8c95a1',
  shuffled: '#b7a3cf',
  noise: '#8c95a1',
}
const percentOf = (size: number): string => `${Math.round(size * 100)} %`

type Measure = 'flipped' | 'any' | 'change' | 'source'
const MEASURES: Readonly<Record<Measure, (effect: Effect) => Estimate>> = {
  flipped: effect => effect.flipped.share,
  any: effect => effect.flippedToAny.share,
  change: effect => effect.change,
  source: effect => effect.sourceChange,
}

/** The numbers of the measures that are shares of trials. */
const RATES: Partial<Readonly<Record<Measure, (effect: Effect) => Rate>>> = {
  flipped: effect => effect.flipped,
  any: effect => effect.flippedToAny,
}

/** The effects of all patches together and of each patch, with intervals: two columns per model. */
export function ResultTable({ result }: { readonly result: ExperimentResult }): ReactNode {
  const { key: project } = useProject()
  const [measure, setMeasure] = useState<Measure>('change')
  const { models } = result
  const first = models[0]
  if (first === undefined) return null
  const pick = MEASURES[measure]
  const inLogits = measure === 'change' || measure === 'source'
  const text = inLogits ? asLogit : asShare
  const axis = inLogits
    ? axisOf(
        models
          .flatMap(m => [...m.groups, ...m.patches.map(p => ({ ...p, static: p.static.effect }))])
          .flatMap(e => [pick(e.static), pick(e.dynamic)]),
      )
    : SHARES
  const cell = (effect: Effect | undefined, group: PatchGroup): ReactNode => (
    <td>
      {effect && (
        <DotBar
          estimate={pick(effect)}
          axis={axis}
          text={text}
          colour={COLOURS[group]}
          rate={RATES[measure]?.(effect)}
        />
      )}
    </td>
  )
  return (
    <>
      <Segments
        label="Measure"
        value={measure}
        options={[
          [
            'change',
            'Target log-odds',
            'Change of the target’s log-odds: its logit less the log-sum-exp of all other logits',
          ],
          [
            'source',
            'Source log-odds',
            'Change of the source’s log-odds: hiding the source is not evidence for the target',
          ],
          ['flipped', 'Flipped to target', 'Top-1 is the source class before, the target class after'],
          ['any', 'Flipped to any class', 'Top-1 is the source class before, another class after'],
        ]}
        onChange={setMeasure}
      />
      <div className={css['wide']}>
        <table className={css['table']}>
          <thead>
            <tr>
              <th scope="col">All patches</th>
              {models.map(m => (
                <Fragment key={m.model}>
                  <th scope="col" title={TERMS.static}>
                    {models.length > 1 ? `${m.modelName}, static` : 'Static'}
                  </th>
                  <th scope="col" title={TERMS.dynamic}>
                    {models.length > 1 ? `${m.modelName}, dynamic` : 'Dynamic'}
                  </th>
                </Fragment>
              ))}
            </tr>
          </thead>
          <tbody>
            {first.groups.map(({ group, patches }) => (
              <tr key={group}>
                <th scope="row">
                  {named(group)} <small>{patches}</small>
                </th>
                {models.map(m => {
                  const found = m.groups.find(g => g.group === group)
                  return (
                    <Fragment key={m.model}>
                      {cell(found?.static, group)}
                      {cell(found?.dynamic, group)}
                    </Fragment>
                  )
                })}
              </tr>
            ))}
            {first.differences.map(({ control }) => (
              <tr key={`minus ${control}`}>
                <th scope="row">
                  Patches − {groupNames[control]} <small>{measure === 'change' ? 'paired' : 'paired, pp'}</small>
                </th>
                {models.map(m => {
                  const found = m.differences.find(d => d.control === control)
                  const of = (side: 'static' | 'dynamic'): ReactNode => (
                    <td>
                      {found && (measure === 'flipped' || measure === 'change') && (
                        <DotBar
                          estimate={found[side][measure]}
                          axis={measure === 'change' ? axis : { minimum: -1, maximum: 1 }}
                          text={measure === 'change' ? asLogit : asPoints}
                          colour="var(--accent)"
                        />
                      )}
                    </td>
                  )
                  return (
                    <Fragment key={m.model}>
                      {of('static')}
                      {of('dynamic')}
                    </Fragment>
                  )
                })}
              </tr>
            ))}
          </tbody>
          <thead>
            <tr>
              <th scope="col">Each patch</th>
              {models.map(m => (
                <Fragment key={m.model}>
                  <th scope="col" title={TERMS.static}>
                    Static, at the selected size and position
                  </th>
                  <th scope="col" title={TERMS.dynamic}>
                    Dynamic
                  </th>
                </Fragment>
              ))}
            </tr>
          </thead>
          <tbody>
            {first.patches.map(({ patch, name, group, overControls }, k) => (
              <tr key={`${group} ${patch} ${name}`}>
                <th scope="row">
                  <img alt="" loading="lazy" src={pictureAddress({ kind: 'patch', project, patch })} />
                  <span title={name}>{name}</span>{' '}
                  {overControls && (
                    <small
                      title={overControls.each
                        .map(o => `${asLogit(o.difference.value)} above ${groupNames[o.control]}`)
                        .join('\n')}
                    >
                      {`${asLogit(overControls.smallest.difference.value)} above ${groupNames[overControls.smallest.control]}${overControls.holds ? '' : ', not above every control'}`}
                    </small>
                  )}
                </th>
                {models.map(m => {
                  const found = m.patches[k]
                  const at = found?.static.chosen
                  return (
                    <Fragment key={m.model}>
                      <td>
                        {found && (
                          <div className={css['chosen']}>
                            <DotBar
                              estimate={pick(found.static.effect)}
                              axis={axis}
                              text={text}
                              colour={COLOURS[group]}
                              rate={RATES[measure]?.(found.static.effect)}
                            />
                            <small title={at ? `${percentOf(at.size)} of the side, ${placeText(at)}` : undefined}>
                              {at && `${percentOf(at.size)} ${arrowOf(at)}`}
                            </small>
                          </div>
                        )}
                      </td>
                      {cell(found?.dynamic, group)}
                    </Fragment>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
