import { type FormEvent, type ReactNode, useState } from 'react'
import { reason } from '../../electron/contract/errors.ts'
import { client, useCall } from '../state/queries.ts'
import { Button } from '../ui/controls.tsx'
import page from '../ui/page.module.css'
import panel from '../ui/panel.module.css'
import { capitalised } from '../ui/text.ts'
import ui from '../ui/ui.module.css'

/** The queue whose workers take part in jobs. Its password is not shown again. */
export function QueueSetting(): ReactNode {
  const state = useCall('queue.state', {})
  const [url, setUrl] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const choose = async (chosen: string | null): Promise<void> => {
    setProblem(null)
    try {
      const reply = await window.portolan.shell('queue.choose', { url: chosen })
      if (!reply.chosen) return
      setUrl('')
      await client.invalidateQueries({ queryKey: ['queue.state'] })
    } catch (error) {
      setProblem(reason(error))
    }
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (url.trim() !== '') void choose(url.trim())
  }
  const address = state.data?.address ?? null
  const shown = problem ?? state.data?.problem ?? null
  return (
    <form onSubmit={submit} aria-label="Queue" style={{ marginTop: 'var(--s4)' }}>
      {address === null ? (
        <div className={page['form']} style={{ gridTemplateColumns: '1fr auto', alignItems: 'end' }}>
          <label>
            Workers on other machines
            <input
              className={ui['input']}
              type="url"
              autoComplete="off"
              spellCheck={false}
              placeholder="redis://user:password@host:6379"
              value={url}
              onChange={event => setUrl(event.target.value)}
            />
          </label>
          <Button type="submit" disabled={url.trim() === ''}>
            Use
          </Button>
        </div>
      ) : (
        <div className={page['form']} style={{ gridTemplateColumns: '1fr auto', alignItems: 'center' }}>
          <p>{`Workers of the queue at ${address}`}</p>
          <Button onClick={() => void choose(null)}>Stop using it</Button>
        </div>
      )}
      {shown !== null && (
        <p role="alert" style={{ color: 'var(--danger)' }}>
          {capitalised(shown)}
        </p>
      )}
      <p className={panel['note']}>
        {address === null
          ? 'The address of a Redis or Valkey server; portolan worker --queue joins it on each machine.'
          : 'Builds and experiments are divided among them; Jobs lists them.'}
      </p>
    </form>
  )
}
