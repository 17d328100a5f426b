/** Copies a text; on pages without a secure connection in the way that these still may. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    try {
      return await navigator.clipboard.writeText(text)
    } catch {
      // Refused, as in frames of other pages.
    }
  }
  const area = document.createElement('textarea')
  area.value = text
  area.style.position = 'fixed'
  area.style.opacity = '0'
  document.body.append(area)
  area.select()
  const copied = document.execCommand('copy')
  area.remove()
  if (!copied) throw new Error('the browser did not allow to copy')
}

/** Copies a PNG. */
export async function copyImage(png: Uint8Array<ArrayBuffer>): Promise<void> {
  if (navigator.clipboard === undefined || typeof ClipboardItem === 'undefined')
    throw new Error('this browser cannot copy pictures')
  await navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([png], { type: 'image/png' }) })])
}
