import { unpack } from '../../electron/contract/published-parts.ts'

declare global {
  interface Window {
    /** Called by the files of `data`: a page opened as a file may not fetch them. */
    portolanPart?: (name: string, text: string) => void
  }
}

/** The query of the address of this script, which names the revision of the page: browsers keep files by their address. */
const revision = new URL((document.currentScript as HTMLScriptElement | null)?.src ?? location.href).search

const waiting = new Map<string, (text: string) => void>()

/** To be called once, before any part is read. */
export function receiveParts(): void {
  window.portolanPart = (name, text) => {
    waiting.get(name)?.(text)
    waiting.delete(name)
  }
}

const loading = new Map<string, Promise<string>>()

/** The text of a part, which is not kept. @throws when its file cannot be read */
export function partText(name: string): Promise<string> {
  const known = loading.get(name)
  if (known !== undefined) return known
  const text = new Promise<string>((resolve, reject) => {
    const script = document.createElement('script')
    waiting.set(name, resolve)
    script.onload = () => {
      script.remove()
      if (waiting.delete(name)) reject(new Error(`the file data/${name}.js of this page is damaged`))
    }
    script.onerror = () => {
      script.remove()
      waiting.delete(name)
      reject(new Error(`the file data/${name}.js of this page cannot be read`))
    }
    script.src = `data/${name}.js${revision}`
    document.head.append(script)
  }).finally(() => loading.delete(name))
  loading.set(name, text)
  return text
}

const values = new Map<string, Promise<unknown>>()

/** The value of a part, read once. */
export function partValue<T>(name: string): Promise<T> {
  const known = values.get(name)
  if (known !== undefined) return known as Promise<T>
  const value = partText(name).then(unpack)
  values.set(name, value)
  // The next one who needs it tries again.
  value.catch(() => values.delete(name))
  return value as Promise<T>
}
