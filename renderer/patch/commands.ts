import type { Command } from '../app/commands.ts'
import { attempt } from '../state/notices.ts'
import { show } from '../state/view.ts'
import { useLab } from './lab.ts'
import { layClipboard, photographFromClipboard } from './pictures.ts'

/** What the palette can do in the lab. */
export const PATCH_COMMANDS: readonly Command[] = [
  {
    id: 'patch-paste',
    text: 'Lay the clipboard’s picture on as a patch',
    group: 'Edit',
    run: () => {
      show('patch')
      void attempt(useLab.getState().craft.image === null ? photographFromClipboard : layClipboard)
    },
  },
]
