/** A value made from text of a person, or what to tell them. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

export const good = <T>(value: T): Result<T> => ({ ok: true, value });
export const bad = (message: string): { readonly ok: false; readonly message: string } => ({ ok: false, message });
