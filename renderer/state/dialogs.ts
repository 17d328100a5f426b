import { create } from 'zustand'

export type DialogId =
  | 'palette'
  | 'new-atlas'
  | 'settings'
  | 'export'
  | 'publish'
  | 'shortcuts'
  | 'bookmark'
  | 'note'
  | 'help'
  | 'remove-atlas'

/** The open dialog, if any. */
export const useDialog = create<{ readonly open: DialogId | null }>(() => ({ open: null }))

export function openDialog(open: DialogId): void {
  useDialog.setState({ open })
}
export function closeDialog(): void {
  useDialog.setState({ open: null })
}
