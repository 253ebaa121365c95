/** What the documents show: fenced blocks, cut out so that tests can do with them what a reader would. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A fenced block of a document. */
export interface Snippet {
  /** The first word after the fence: `ts`, `json`, `wire`. */
  language: string;
  /** The rest of the fence's line, or the path in a comment on the first line. */
  name: string;
  text: string;
  /** Of the fence, 1-based. */
  line: number;
}

/** All fenced blocks of a document, by its path in the repository. */
export function snippetsOf(document: string): Snippet[] {
  const text = readFileSync(join(import.meta.dir, "../..", document), "utf8");
  return [...text.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, language = "", title = "", body = ""] = match;
    const named = body.match(/^\/\/ (\S+)\n/)?.[1];
    const line = text.slice(0, match.index).split("\n").length;
    return { language, name: title || named || "", text: body, line };
  });
}

/** The rows of the tables in a document's section, by cell; without their heads. */
export function tableOf(document: string, section: string): string[][] {
  const text = readFileSync(join(import.meta.dir, "../..", document), "utf8");
  const own = text.split(/^## /m).find((part) => part.startsWith(`${section}\n`)) ?? "";
  return [...own.matchAll(/^\|.*\n\|[-|: ]+\|\n((?:\|.*\n)+)/gm)].flatMap(([, body = ""]) =>
    body
      .trimEnd()
      .split("\n")
      .map((row) => row.split(/(?<!\\)\|/).slice(1, -1))
      .map((cells) => cells.map((cell) => cell.trim().replaceAll("\\|", "|"))),
  );
}

/** The files that a document puts into `extensions/`, by their path there. */
export function extensionsOf(snippets: Snippet[]): Record<string, string> {
  const files = snippets.filter(({ name }) => name.startsWith("extensions/"));
  return Object.fromEntries(files.map(({ name, text }) => [name.slice("extensions/".length), text]));
}

/** One line of a conversation. */
export interface Turn {
  /** Which of the clients; `""` where there is one. */
  client: string;
  sent: boolean;
  frame: string;
}

/** What stands in the place of a frame where a client loses its connection. */
export const CUT = "cut off";

/** What stands in the place of a line where the server is killed; all clients lose their connections. */
export const KILLED = "the server is killed, and started again";

/** Reads lines as `→ {…}`, `ann ← {…}`, `ann → cut off` and KILLED. Throws at a line that is written otherwise. */
export function conversationOf({ text, line }: Snippet): Turn[] {
  return text
    .trimEnd()
    .split("\n")
    .map((turn, index) => {
      if (turn === KILLED) return { client: "", sent: true, frame: KILLED };
      const match = turn.match(/^(?:(\w+) )?([→←]) (\{.*\}|cut off)$/);
      if (!match)
        throw new Error(`Line ${line + 1 + index} can't be read as a turn of a conversation: ${turn}`);
      return { client: match[1] ?? "", sent: match[2] === "→", frame: match[3] ?? "" };
    });
}

/** A request by HTTP, and what it is answered with. */
export interface Exchange {
  method: string;
  path: string;
  body: string;
  status: number;
  answer: string;
}

/** Reads `POST /path`, lines of a body, `→ 201 answer`; and so on. */
export function exchangesOf({ text }: Snippet): Exchange[] {
  const pattern = /^([A-Z]+) (\/\S*)\n((?:[^→].*\n)*?)→ (\d+) ?(.*)\n/gm;
  return [...text.matchAll(pattern)].map(([, method = "", path = "", body = "", status, answer = ""]) => ({
    method,
    path,
    body: body.trimEnd(),
    status: Number(status),
    answer,
  }));
}

/** Returns true if a frame is as a document shows it; `"…"` there is anything. */
export function isAsShown(frame: unknown, shown: unknown): boolean {
  if (shown === "…") return frame !== undefined;
  if (typeof shown !== "object" || shown === null) return frame === shown;
  if (typeof frame !== "object" || frame === null || Array.isArray(frame) !== Array.isArray(shown))
    return false;
  const keys = Object.keys(shown);
  return (
    keys.length === Object.keys(frame).length &&
    keys.every((key) => isAsShown((frame as never)[key], (shown as never)[key]))
  );
}
