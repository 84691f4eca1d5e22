/** A small number, as people write it: `batuta backfill pause 7`. */
export type BackfillId = number & { readonly brand?: "BackfillId" };
