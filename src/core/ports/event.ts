/** Text that JSON.parse accepts; it travels as it is and is decoded only by whoever needs the value. */
export type JsonText = string;

/** The user as scripts see it. */
export interface UserView {
  readonly id: string;
  readonly name: string;
  /** What the login handler attached; JSON. */
  readonly data?: JsonText;
}

/** One event for a script, as plain data; the arguments of its handler. */
export type ScriptEvent =
  | { kind: "init" }
  | { kind: "join"; user: UserView; data?: JsonText }
  | { kind: "leave"; user: string; reason?: string }
  | { kind: "message"; user: string; type: string; data?: JsonText; reply: boolean }
  | { kind: "connect"; connection: string }
  | { kind: "disconnect"; connection: string; user?: string }
  | { kind: "reconnect"; user: string }
  | { kind: "login"; connection: string; data?: JsonText }
  | { kind: "logout"; user: UserView }
  | { kind: "create"; user: UserView; request: JsonText }
  /** `hops` counts the emits that led to this one without any cause from outside; only the core reads it. */
  | { kind: "emit"; type: string; data?: JsonText; hops?: number }
  | { kind: "timer"; name: string; data?: JsonText }
  | { kind: "tick"; elapsed: number }
  /** Brings the application extension's `app.users` and `app.rooms` up to date; has no handler. */
  | { kind: "directory"; changes: JsonText }
  | { kind: "close"; reason: string };
