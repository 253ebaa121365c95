/** What a room may be made with; `data` is for the application's `create` handler. */
export interface CreateOptions {
  type?: string;
  maxUsers?: number;
  password?: string;
  data?: unknown;
}
