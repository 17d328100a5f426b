/**
 * Horizontal place of a tooltip beside the pointer: on its right, or on its left where there is no room; never beyond the left
 * edge.
 * @param x     of the pointer, CSS pixels from the left edge
 * @param width of what the tooltip lies on
 * @param tip   maximum width of the tooltip
 */
export const besidePointer = (x: number, width: number, tip: number): { left: number } | { right: number } =>
  x + 14 + tip <= width ? { left: x + 14 } : { right: Math.max(0, Math.min(width - x + 12, width - tip)) }
