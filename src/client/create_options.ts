/** What a room may be made with; `data` is for the application's `create` handler. */
export interface CreateOptions<Data = unknown> {
  type?: string;
  maxUsers?: number;
  password?: string;
  /** Keeps it out of lists and announcements; who knows its name may join it. */
  hidden?: boolean;
  /** What lists tell of it: JSON of at most 1 KB. */
  meta?: unknown;
  data?: Data;
}

/** Arguments of `create` behind the name; the data may be left out where it may be undefined. */
export type CreateArgument<Data> = undefined extends Data
  ? [room?: CreateOptions<Data>]
  : [room: CreateOptions<Data> & { data: Data }];
