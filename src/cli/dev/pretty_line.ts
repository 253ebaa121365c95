import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { styleText } from "node:util";
import type { LogFields, LogLevel } from "../../core/ports/log.ts";
import { printable, printableLines } from "../../core/printable.ts";

const colours = { debug: "gray", info: "green", warn: "yellow", error: "red" } as const;

/** A place in a file of an application, as errors tell it: `rooms/match.ts:12:5`. */
const place = /(?<![\w/.-])((?:[\w.-]{1,64}\/){0,8}[\w.-]{1,64}\.(?:[jt]s|json)):(\d{1,7})(?::(\d{1,7}))?/g;

/** Characters of a line, and places in it, that are looked for: scripts say how long it is, and each place is a question to the disk. */
const MOST_CHARACTERS = 2_000;
const MOST_PLACES = 8;

/** Returns what makes lines for who sits before them: coloured, with places as paths from here, on which terminals let one click. */
export function prettyLines(extensions: string, isColoured: boolean) {
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    isColoured ? styleText(format, text, { validateStream: false }) : text;
  return (
    level: LogLevel,
    message: string,
    { application, room, version, trace_id: trace }: LogFields,
    time: Date,
  ): string => {
    const own = application === undefined ? undefined : `${application}`;
    const at = time.toTimeString().slice(0, 8);
    const where = [application, room].filter((part) => part !== undefined).join("/");
    const whole = printableLines(message);
    let places = 0;
    const begin = whole
      .slice(0, MOST_CHARACTERS)
      .replace(place, (found, file: string, line: string, column?: string) => {
        const path = ++places > MOST_PLACES ? undefined : pathOf(extensions, own, file);
        if (path === undefined) return found;
        return style("underline", `${path}:${line}${column === undefined ? "" : `:${column}`}`);
      });
    const text = begin + whole.slice(MOST_CHARACTERS);
    const head = [
      style("gray", at),
      style(colours[level], level === "info" ? "•" : level),
      where && style("cyan", printable(where)),
      version !== undefined && style("gray", printable(`${version}`)),
      trace !== undefined && style("gray", printable(`${trace}`)),
    ];
    return [...head.filter(Boolean), level === "error" ? style("red", text) : text].join(" ");
  };
}

/** Returns the path from here of a file as an application names it; undefined where there is none. */
function pathOf(extensions: string, application: string | undefined, file: string): string | undefined {
  const own = application === undefined ? [] : [join(extensions, application, file)];
  const found = [...own, join(extensions, file)].find((path) => existsSync(path));
  return found && relative(process.cwd(), found);
}
