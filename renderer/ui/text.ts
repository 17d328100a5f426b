const NUMBER_FORMAT = new Intl.NumberFormat('en')

export function number(value: number): string {
  return NUMBER_FORMAT.format(value)
}

/** "0.40", "−1.25", "0.0042": small numbers by two digits that count; with a minus sign rather than a hyphen. */
export function decimal(value: number): string {
  return (value !== 0 && Math.abs(value) < 0.01 ? value.toPrecision(2) : value.toFixed(2)).replace('-', '−')
}

/** A difference with its sign: "+2.1", "−0.40", "0". */
export function signedText(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits)
  return Number(text) === 0 ? '0' : `${value < 0 ? '−' : '+'}${text}`
}

/** "1 photograph", "3 photographs". */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`
}

/** Seconds in a suitable unit: "40 s", "12 min", "3 h 20 min". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** The whole number in a text field, within bounds; the minimum for text that is not a number. */
export function wholeNumber(text: string, minimum = 0, maximum = 0xffff_ffff): number {
  return Math.min(maximum, Math.max(minimum, Math.floor(Number(text) || 0)))
}

/** The last part of a path: "IMG_0041.jpg". */
export function fileName(path: string): string {
  return path.replace(/^.*[\\/]/, '')
}

/** The last part of a path without its extension: "IMG_0041". */
export const baseName = (path: string): string => fileName(path).replace(/\.\w+$/, '')

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** A text with a capital first letter. */
export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
