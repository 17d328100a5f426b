/**
 * Characters that change how the text around them is shown, or what a terminal does: C0 and C1 controls, DEL, line and
 * paragraph separators, embeddings, overrides and isolates of direction, and halves of surrogate pairs.
 */
const ACTIVE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu
const ACTIVE_IN_LINES = /(?!\n)[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/**
 * Text from a file, a project or a path as one line that can be shown anywhere: characters that act instead of being
 * seen become `\u001b`, `\u202e`, … The one place for this: terminal, errors, figures, CSV and window use it.
 */
export const visible = (text: string): string => text.replace(ACTIVE, escaped)

/** Whether a text has no such characters. */
export const isVisible = (text: string): boolean => visible(text) === text

/** The same for text with line feeds of our own, which stay. */
export const visibleLines = (text: string): string => text.replace(ACTIVE_IN_LINES, escaped)
