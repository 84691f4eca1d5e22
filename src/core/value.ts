/**
 * The value of a task as the store keeps it: JSON text up to `INLINE_VALUE_BYTES_MAX`, else the SHA-256 (hex) of a
 * file in the blob store that holds the JSON text.
 */
export type StoredValue =
  | { readonly kind: "inline"; readonly json: string }
  | { readonly kind: "blob"; readonly hash: string; readonly bytes: number };

export const INLINE_VALUE_BYTES_MAX = 1024 * 1024;
export const VALUE_BYTES_MAX = 256 * 1024 * 1024;
