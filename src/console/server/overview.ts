/** What runs, asked for again and again while somebody looks. */
import { effect, signal } from "@preact/signals";
import type { HostView } from "../../core/ports/scripts.ts";
import type { StoreView } from "../../core/ports/journal_store.ts";
import type { ApplicationView, ProcessView, RoomView, ServerState } from "../../core/view/server_view.ts";
import { type AskError, ask } from "./ask.ts";

/** The server beside its applications. */
export interface ServerOverview extends ProcessView {
  readonly state: ServerState;
  readonly hosts: readonly HostView[];
  readonly store?: StoreView;
}

/** An application with the first of its rooms. */
export interface ApplicationOverview extends ApplicationView {
  readonly rooms: readonly RoomView[];
}

/** How the console stands to the server: `locked` where it asks for a token, `refused` where none would help. */
export type Link = "asking" | "live" | "lost" | "locked" | "refused";

/** Between two questions, ms. */
const INTERVAL_MS = 1500;

/** How the console stands to the server now. */
export const link = signal<Link>("asking");
/** Why the server refuses, in its words. */
export const refusal = signal("");
/** The server as it was told last; undefined until then. */
export const server = signal<ServerOverview | undefined>(undefined);
/** The applications as they were told last. */
export const applications = signal<readonly ApplicationOverview[]>([]);
/** The time by which ages are told, ms since the epoch; it moves once a question. */
export const now = signal(Date.now());

let last = "";
let timer: ReturnType<typeof setTimeout> | undefined;

/** Asks now, and goes on asking. */
export async function refresh(): Promise<void> {
  clearTimeout(timer);
  if (!document.hidden) await askOnce();
  clearTimeout(timer);
  timer = setTimeout(refresh, INTERVAL_MS);
}

async function askOnce(): Promise<void> {
  try {
    const answer = await ask<{ server: ServerOverview; applications: ApplicationOverview[] }>(
      "GET",
      "/api/applications",
    );
    now.value = Date.now();
    link.value = "live";
    server.value = answer.server;
    // What has not changed is not drawn again.
    const text = JSON.stringify(answer.applications);
    if (text !== last) applications.value = answer.applications;
    last = text;
  } catch (error) {
    const { status, message } = error as AskError;
    link.value = status === 0 ? "lost" : status === 401 ? "locked" : "refused";
    refusal.value = message;
  }
}

/** Begins to ask; it pauses while nobody sees the page. */
export function followOverview(): void {
  document.addEventListener("visibilitychange", refresh);
  addEventListener("focus", refresh);
  effect(() => {
    document.documentElement.dataset.link = link.value;
  });
  refresh();
}

/** Returns an application by its name; undefined where there is none. */
export function applicationNamed(name: string): ApplicationOverview | undefined {
  return applications.value.find((application) => application.name === name);
}
