import type { Standing } from "../../version/versions.ts";

/** What a table of rooms can be sorted by. */
export const sortKeys = [
  "name",
  "created",
  "users",
  "watchers",
  "load",
  "cpu",
  "memory",
  "waiting",
  "events",
  "failures",
] as const;

/** One of these. */
export type SortKey = (typeof sortKeys)[number];

/** Which rooms somebody looks at: those that fit, in order, from `offset` on and no more than `limit`. */
export interface TableQuery {
  /** Part of the name, in lower case. */
  readonly search?: string;
  readonly type?: string;
  readonly version?: string;
  readonly why?: Standing;
  readonly sort: SortKey;
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}
