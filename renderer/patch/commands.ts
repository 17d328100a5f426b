import type { Command } from '../app/commands.ts'
import { attempt } from '../state/notices.ts'
import { show } from '../state/view.ts'
import { photographFromClipboard, placeClipboard } from './add-pictures.ts'
import { useLab } from './lab.ts'

/** Commands of the patch lab in the palette. */
export const PATCH_COMMANDS: readonly Command[] = [
  {
    id: 'patch-paste',
    text: 'Paste image as patch',
    group: 'Edit',
    run: () => {
      show('patch')
      void attempt(useLab.getState().edited.image === null ? photographFromClipboard : placeClipboard)
    },
  },
]
