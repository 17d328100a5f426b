import { PublishedText } from '../../electron/contract/published.ts'

const EMPTY = { authors: '', text: '', license: '', citation: '' }
const nameOf = (project: string): string => `portolan.published.${project}`

/** What was last written on a page of a project, on this computer. */
export function readText(project: string, name: string): PublishedText {
  try {
    const parsed = PublishedText.safeParse(JSON.parse(localStorage.getItem(nameOf(project)) ?? ''))
    if (parsed.success) return parsed.data
  } catch {
    // Nothing was written yet.
  }
  return { title: name, ...EMPTY }
}

export function saveText(project: string, text: PublishedText): void {
  localStorage.setItem(nameOf(project), JSON.stringify(text))
}
