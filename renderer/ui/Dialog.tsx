import { type ReactNode, useEffect, useId, useRef } from 'react'
import css from './dialog.module.css'

interface DialogProps {
  readonly title: string
  readonly wide?: boolean
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A native modal dialog: traps the focus, closes with Escape, restores the focus. */
export function Dialog({ title, wide, onClose, children }: DialogProps): ReactNode {
  const element = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    if (!element.current?.open) element.current?.showModal()
  }, [])
  return (
    <dialog ref={element} className={css['dialog']} data-wide={wide} aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  )
}

export function DialogFooter({ children }: { readonly children: ReactNode }): ReactNode {
  return <footer className={css['footer']}>{children}</footer>
}
