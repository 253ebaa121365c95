/** Where in the console one is, as the address after `#` says it. */
import { computed, signal } from "@preact/signals";
import type { SourcePosition } from "../../core/source_position.ts";

const hash = signal(location.hash);
addEventListener("hashchange", () => {
  hash.value = location.hash;
});

/** The parts of the address: `["a", "chat", "rooms", "lobby"]`; none on the first page. */
export const place = computed(() => {
  const [path = ""] = hash.value.replace(/^#/, "").split("?", 1);
  return path
    .split("/")
    .filter((part) => part !== "")
    .map(decoded);
});

/** What the address names of an application; undefined where it names none. */
export const spot = computed(() => {
  const [kind, application, section = "rooms", item] = place.value;
  return kind === "a" && application !== undefined ? { application, section, item } : undefined;
});

/** What the address says behind its `?`. */
export const query = computed(() => new URLSearchParams(hash.value.split("?")[1] ?? ""));

/** The address of a place: `hrefOf("a", "chat", "rooms")`. */
export function hrefOf(...parts: string[]): string {
  return `#/${parts.map(encodeURIComponent).join("/")}`;
}

/** Goes to a place. */
export function go(...parts: string[]): void {
  location.hash = hrefOf(...parts);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The editor on a line of an application's file. */
export function editorOnLine(application: string, { path, line }: { path: string; line: number }): string {
  return `${hrefOf("a", application, "editor", path)}?line=${line}`;
}

/** The editor at a place of an application's file. */
export function editorOf(application: string, position?: SourcePosition): string | undefined {
  return (
    position &&
    `${hrefOf("a", application, "editor", position.file)}?line=${position.line}&column=${position.column}`
  );
}
