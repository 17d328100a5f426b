const whole = new Intl.NumberFormat('en')

export const number = (value: number): string => whole.format(value)

/** "0.40", "−1.25": with a minus sign rather than a hyphen. */
export const decimal = (value: number): string => value.toFixed(2).replace('-', '−')

/** "1 photograph", "3 photographs". */
export const count = (value: number, one: string, many = `${one}s`): string =>
  `${number(value)} ${value === 1 ? one : many}`

/**
 * Of how many samples the class that is strongest on average is the strongest by itself: "for 12 % of 246 samples".
 * A cell of many things may have a label that none of its samples would choose.
 */
export function agreement(share: number, samples: number): string {
  const agreeing = Math.round(share * samples)
  if (agreeing === 0) return `on average of ${count(samples, 'sample')}`
  const much = share < 0.01 ? number(agreeing) : `${Math.round(100 * share)} %`
  return `for ${much} of ${count(samples, 'sample')}`
}

/** Seconds in the unit that one would say: "40 s", "12 min", "3 h 20 min". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}
