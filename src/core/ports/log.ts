/** Severity of a log line. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a log line is about; every line about a room names the version that handled the event. */
export interface LogFields {
  application?: string;
  room?: string;
  version?: string;
  [key: string]: unknown;
}

/** Where log lines go. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;
