import { HotroomError } from "../errors.ts";
import type { JsonText } from "./event.ts";

/** Whose something is: of an application, or of one of its rooms. */
export interface Place {
  readonly application: string;
  /** Name of the room; absent for what is the application's own. */
  readonly room?: string;
}

/** Kinds of what is kept by a key, each of one value. */
export type ItemKind =
  /** Of an application: the version that is live, the last numbers of users and frames. Key "". */
  | "application"
  /** A version's files, sources and settings; key: its content hash. */
  | "version"
  /** Of an application: a user and its session; key: the user's id. */
  | "user"
  /** How a room was made and is set. Key "". */
  | "room"
  /** What opens a script: its seed, version and last snapshot. Key "". */
  | "script"
  /** How far the effects of a script's events have been carried out. Key "". */
  | "delivered"
  /** A schedule of a room or an application; key: its name, and its own key behind a line feed. */
  | "schedule"
  /** What a script is still to hear, that follows from what was carried out; key: a number. */
  | "pending";

/** Kinds of what is kept one after the other. */
export type LogKind =
  /** The events that a script has handled, by their seq. */
  | "events"
  /** Frames that somebody may have missed, by their number. */
  | "frames";

/** One change of what is kept. What is written again with the same key or number takes the place of the one before. */
export type Write =
  | { readonly kind: "put"; at: Place; item: ItemKind; key: string; value: JsonText }
  | { readonly kind: "delete"; at: Place; item: ItemKind; key: string }
  | { readonly kind: "append"; at: Place; log: LogKind; number: number; record: JsonText }
  /** Forgets the records up to a number, and with it. */
  | { readonly kind: "trim"; at: Place; log: LogKind; upTo: number }
  /** Forgets the records from a number on. */
  | { readonly kind: "cut"; at: Place; log: LogKind; from: number }
  /** Forgets a room, or an application with all of its rooms. */
  | { readonly kind: "forget"; at: Place };

/** Something that is kept by a key. */
export interface KeptItem {
  readonly at: Place;
  readonly item: ItemKind;
  readonly key: string;
  readonly value: JsonText;
}

/** One record of a log. */
export interface KeptRecord {
  readonly number: number;
  readonly record: JsonText;
}

/** What a commit outlives: `relaxed` the end of every process, and after 200 ms a power cut, too; `strict` both at once. */
export type Durability = "relaxed" | "strict";

/** Why a store can't do what it is asked for. */
export type StoreProblem =
  /** Another server has the folder. */
  | "folder_taken"
  /** A newer hotroom has written the folder. */
  | "newer_format"
  /** Something that is kept can't be read. */
  | "damaged"
  /** Files in the folder are of several times, or of several stores. */
  | "mixed"
  /** The disk is full. */
  | "no_space"
  /** The folder may not be written to. */
  | "read_only"
  /** The system has failed to read, write or sync. */
  | "io_failed"
  /** There is nobody who writes. */
  | "no_writer";

/** What a store rejects with. */
export class StoreError extends HotroomError {
  override readonly name = "StoreError";

  constructor(
    override readonly code: StoreProblem,
    message: string,
    /** True where nobody knows what is on the disk now, so that everything has to come up again from there. */
    readonly isFatal = false,
  ) {
    super(code, message);
  }
}

/** What a store is, for the API and the metrics. */
export interface StoreView {
  /** Where it is; absent for one in memory. */
  readonly folder?: string;
  /** Bytes on the disk. */
  readonly bytes: number;
  /** Characters that wait to be committed. */
  readonly waiting: number;
  /** How long the last commit took, ms, with the way to the writer and back. */
  readonly lag: number;
  /** Commits that have been made, and that have failed. */
  readonly commits: number;
  readonly failures: number;
  /** Why it can't be written to at the moment; absent where it can. */
  readonly problem?: string;
}

/** Keeps what durable applications outlive the server by; implemented by `store/`, in memory and in SQLite. */
export interface JournalStore {
  /** Returns the names of the applications of which something is kept. */
  applications(): Promise<readonly string[]>;
  /** Returns all items of an application and its rooms, in no particular order. */
  items(application: string): Promise<readonly KeptItem[]>;
  /** Returns the records of a log, in the order of their numbers. */
  records(at: Place, log: LogKind): Promise<readonly KeptRecord[]>;
  /**
   * Makes all changes, in their order, or none; resolves when they are committed. One commit at a time. Rejects with StoreError:
   * `isFatal` says that nobody knows what is on the disk now, so that everything has to come up again from there.
   */
  commit(writes: readonly Write[], durability: Durability): Promise<void>;
  readonly view: StoreView;
  /** Called when the store fails by itself, as in a sync behind a relaxed commit: everything has to come up again from it. */
  onFailed?: (error: Error) => void;
  /** Syncs, and gives the folder back. */
  close(): Promise<void>;
}
