import type { ReactNode } from 'react'
import type { ModelInfo } from '../../electron/contract/project.ts'
import { ClassChooser } from '../compare/ClassChooser.tsx'
import { change, useLab } from './lab.ts'
import css from './predictions.module.css'
import { useModel } from './use-lab.ts'

const SOURCE_COLOUR = 'var(--against)'
const TARGET_COLOUR = 'var(--for)'

/** Selects the source class of the photographs and the target class of the patches. */
export function SourceTarget({ model }: { readonly model: ModelInfo }): ReactNode {
  const { source, target } = useLab()
  const { classes } = useModel(model.hash)
  return (
    <div className={css['pins']}>
      <span>Source</span>
      <ClassChooser
        label="Source class"
        classes={classes}
        value={source}
        colour={SOURCE_COLOUR}
        onChange={index => change({ source: index })}
      />
      <span>Target</span>
      <ClassChooser
        label="Target class"
        classes={classes}
        value={target}
        colour={TARGET_COLOUR}
        onChange={index => change({ target: index })}
      />
    </div>
  )
}
