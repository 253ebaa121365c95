import type { Log, LogFields, LogLevel } from "../core/ports/log.ts";
import { printable, printableJson, printableLines } from "../core/printable.ts";

const severity: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** How log lines look, which are written, and where. */
export interface LogOptions {
  format: "text" | "json";
  level: LogLevel;
  /** Makes a line; without it it has the format's form. */
  line?: ((level: LogLevel, message: string, fields: LogFields, time: Date) => string) | undefined;
  write(line: string): void;
}

/** Makes the server's log: `12:00:00.123 INFO  chat/lobby v1·3fa9c1 message`, or one JSON object a line. */
export function createLog({ format, level, line, write }: LogOptions): Log {
  const encode = line ?? (format === "json" ? jsonLine : textLine);
  return (of, message, fields = {}) => {
    if (severity[of] >= severity[level]) write(`${encode(of, message, fields, new Date())}\n`);
  };
}

function jsonLine(level: LogLevel, message: string, fields: LogFields, time: Date): string {
  return printableJson(JSON.stringify({ time: time.toISOString(), level, ...fields, message }));
}

function textLine(level: LogLevel, message: string, fields: LogFields, time: Date): string {
  const { application, room, version, trace_id: trace } = fields;
  const where = [application, room].filter((part) => part !== undefined).join("/");
  const head = [time.toISOString().slice(11, 23), level.toUpperCase().padEnd(5), where, version, trace];
  return [...head.filter(Boolean).map((part) => printable(`${part}`)), printableLines(message)].join(" ");
}
