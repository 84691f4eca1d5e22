/** UUIDv7 of a run. */
export type RunId = string & { readonly brand?: "RunId" };
