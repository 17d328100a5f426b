export const NODE_PACKAGES: Readonly<Record<string, string>>
export function pinnedNode(from: string): { readonly version: string; readonly binary: string } | undefined
export function canRunHere(): boolean
export function handOver(command: string, args: readonly string[]): void
