import type { WireFrame } from "../../protocol/bytes.ts";
import type { Codec } from "../../protocol/codec.ts";

/** A connection, as far as it is told of edits. */
export interface EditFollower {
  readonly state: "open" | "closing" | "closed";
  readonly application?: { readonly name: string };
  readonly codec: Codec;
  send(frame: WireFrame): void;
}

/** Connections of one application after which those that have ended are looked for. */
const MANY = 1000;

/** The connections that want to be told of edits, where the server tells them. A connection asks once; its end is its farewell. */
export class EditFollowers {
  readonly #followers = new Map<string, Set<EditFollower>>();
  /** What resolves when the last edit of an application's scripts is applied, or has failed to be. */
  readonly #applying = new Map<string, Promise<void>>();

  constructor(
    /** Returns the name of the version that an application runs. */
    private readonly versionOf: (application: string) => string | undefined,
  ) {}

  /** Tells a connection of the edits of its application from now on, or no more. */
  follow(connection: EditFollower, isWanted: boolean): void {
    const { application } = connection;
    if (!application) return;
    const followers = this.#followers.get(application.name) ?? new Set();
    if (!isWanted) return void followers.delete(connection);
    this.#followers.set(application.name, followers.add(connection));
    if (followers.size % MANY === 0) forgetEnded(followers);
  }

  /** Does what an edit of scripts asks for, and tells of it where another version runs then. Rejects as `task` does. */
  async during(application: string, task: () => Promise<void>): Promise<void> {
    const before = this.versionOf(application);
    const applied = task();
    const settled = applied.catch(() => {});
    this.#applying.set(application, settled);
    try {
      await applied;
    } finally {
      if (this.#applying.get(application) === settled) this.#applying.delete(application);
    }
    if (this.versionOf(application) !== before) this.#tell(application);
  }

  /** Tells of an edit of an application's pages, once what came with it of its scripts is applied. */
  async pagesChanged(application: string): Promise<void> {
    await this.#applying.get(application);
    this.#tell(application);
  }

  #tell(application: string): void {
    const version = this.versionOf(application);
    const followers = this.#followers.get(application);
    if (!followers || version === undefined) return;
    forgetEnded(followers);
    if (followers.size === 0) this.#followers.delete(application);
    for (const connection of followers) {
      const frame = connection.codec.event({ event: "edit", version });
      if (frame !== undefined) connection.send(frame);
    }
  }
}

function forgetEnded(followers: Set<EditFollower>): void {
  for (const each of followers) if (each.state !== "open") followers.delete(each);
}
