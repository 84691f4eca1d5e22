export type SessionId = string & { readonly brand?: "SessionId" };
