/** What a JSON column holds. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined }

export const toJson = (value: Json): string => JSON.stringify(value)
export const fromJson = (text: string): Json => JSON.parse(text)
