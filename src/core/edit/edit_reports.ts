import { counted } from "../text/counted.ts";
import type { Application } from "../application/application.ts";
import type { ApplicationEntry } from "../application/application_entry.ts";
import type { BuildError } from "../errors.ts";
import type { Build } from "../ports/build.ts";
import type { Log } from "../ports/log.ts";
import type { FirstStateFault } from "../ports/scripts.ts";
import { type RehearsalReport, summaryOf } from "../version/rehearsal_report.ts";
import type { ReloadResult } from "../version/reload.ts";
import type { EditFeed } from "./edit_feed.ts";
import { firstStateText } from "./first_state_text.ts";

/** Files of one edit that are named. */
const MOST_FILES = 50;

/** Tells of edits: in the log, and in the feed where there is one. */
export class EditReports {
  /** What the feed was told of last by which a version was left. */
  #told: BuildError | undefined;

  readonly #log: Log;

  constructor(
    deps: { readonly log: Log },
    private readonly feed?: EditFeed,
  ) {
    this.#log = deps.log;
  }

  /** Files were saved that make another build than `before`, or were found where there is none. */
  saved(before: Build | undefined, build: Build): void {
    if (!this.feed || before?.version === build.version) return;
    const { application, version, sources } = build;
    const names = new Set([...sources.keys(), ...(before?.sources.keys() ?? [])]);
    const files = [...names].filter((name) => sources.get(name) !== before?.sources.get(name));
    const kind = before === undefined ? "found" : "saved";
    this.feed.add(application, { kind, version, files: files.slice(0, MOST_FILES) });
  }

  /** Script hosts have loaded a build, in `ms`. */
  built({ application, version }: Build, ms: number): void {
    this.feed?.add(application, { kind: "built", version, ms: Math.round(ms) });
  }

  /** A room, or the extension (""), has left a version. */
  roomRolledBack({ application, version }: Build, room: string, reason: string): void {
    this.feed?.add(application, { kind: "room_rolled_back", version, room: room || null, reason });
  }

  /** An application runs that did not. */
  started(entry: ApplicationEntry): void {
    const version = entry.application?.version.build.version;
    this.#log("info", "Application started.", fieldsOf(entry));
    if (version !== undefined) this.feed?.add(entry.name, { kind: "started", version });
  }

  /** An application has come up again from what was kept of it. */
  back(entry: ApplicationEntry, { rooms, users }: Application, ms: number): void {
    const what = `${counted(rooms.size, "room")}, ${counted(users.size, "user")}`;
    this.#log("info", `Application is back: ${what}, after ${Math.round(ms)} ms.`, fieldsOf(entry));
  }

  /** The files of an application are gone. */
  removed(entry: ApplicationEntry): void {
    this.#log("info", "Application removed.", fieldsOf(entry));
    this.feed?.add(entry.name, { kind: "removed" });
  }

  /** The files are those of the version that runs. */
  unchanged({ application, version }: Build): void {
    const text = "The files are those of this version again: it keeps running.";
    this.#log("info", text, { application, version });
    this.feed?.add(application, { kind: "unchanged", version });
  }

  /** A version is live after an edit; `from` was before, and `isPinned` says that rooms stay there. */
  live(build: Build, from: string, { moved, failed }: ReloadResult, ms: number, isPinned: boolean): void {
    const { application, version } = build;
    const took = Math.round(ms);
    const text = `Version live: ${counted(moved, "room")} moved in ${took} ms${failed.size ? `, ${failed.size} kept theirs` : ""}.`;
    this.#log("info", text, { application, version });
    const counts = { rooms: moved, kept: failed.size, ms: took };
    this.feed?.add(application, { kind: isPinned ? "pinned" : "moved", version, from, ...counts });
  }

  /** A version is live by which no new room of a type can be opened. */
  noFirstState({ application, version }: Build, fault: FirstStateFault): void {
    this.#log("error", firstStateText(fault), { application, version });
    this.feed?.add(application, { kind: "no_first_state", version, ...fault });
  }

  /** A version is live because an admin went back to it. */
  byHand(build: Build, from: string, { moved, failed }: ReloadResult, ms: number): void {
    const { application, version } = build;
    const text = `Version live, by hand: ${counted(moved, "room")} moved${failed.size ? `, ${failed.size} kept theirs` : ""}.`;
    this.#log("info", text, { application, version });
    const counts = { rooms: moved, kept: failed.size, ms: Math.round(ms) };
    this.feed?.add(application, { kind: "by_hand", version, from, ...counts });
  }

  /** A version was left for the one before, `to`, and its content is not loaded again. */
  rolledBack({ application, version }: Build, to: string, error: BuildError): void {
    this.#told = error;
    this.feed?.add(application, { kind: "rolled_back", version, to, error: error.view });
    this.feed?.add(application, { kind: "quarantined", version });
  }

  /** A version was tried on copies of live rooms. */
  rehearsed(report: RehearsalReport): void {
    const { application, version, tried, failed, changed } = report;
    const what = `Rehearsed with ${counted(tried, "room")}: ${failed} with errors, ${changed} with another state`;
    const text = failed > 0 ? `${what}: ${summaryOf(report)}` : `${what}.`;
    this.#log(failed > 0 ? "warn" : "info", text, { application, version });
    this.feed?.add(application, { kind: "rehearsed", version, tried, failed, changed });
  }

  /** Notes that an edit does not run. Of one that was rolled back the feed has that already. */
  failed(entry: ApplicationEntry, error: BuildError, version?: string): void {
    entry.error = error;
    const { name, application } = entry;
    const running = application?.version.build.version;
    const rest = running === undefined ? "The application does not run" : `${running} keeps running`;
    this.#log("error", `${rest}: ${error.toString()}`, {
      application: name,
      ...(version !== undefined && { version }),
    });
    if (error === this.#told) return;
    this.feed?.add(name, {
      kind: "failed",
      ...(version !== undefined && { version }),
      error: error.view,
    });
  }

  /** An admin has set what live rooms do at an edit. */
  policy(entry: ApplicationEntry, policy: string): void {
    const { name } = entry;
    this.#log("info", `Reload policy: ${policy}.`, fieldsOf(entry));
    this.feed?.add(name, { kind: "policy", policy });
  }
}

/** Returns what a log line about an application has. */
function fieldsOf({ name, application }: ApplicationEntry) {
  const version = application?.version.build.version;
  return { application: name, ...(version !== undefined && { version }) };
}
