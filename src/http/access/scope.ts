/** What whoever holds a token may do: look, act on rooms and users, or change what code runs. None of them holds another. */
export const scopes = ["read", "operate", "edit"] as const;

/** One of these. */
export type Scope = (typeof scopes)[number];

/** What a request may do. */
export interface Grant {
  readonly scopes: ReadonlySet<Scope>;
}

/** May do all. */
export const everything: Grant = { scopes: new Set(scopes) };
