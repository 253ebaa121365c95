import { ToHost } from "../../wire/frame_kinds.ts";
import { BatchEncoder } from "../../wire/batch/batch_encoder.ts";
import { encodeFrame, type Payload } from "../../wire/frame.ts";
import type { HostLink } from "../process/host_link.ts";
import type { Validation } from "../sandbox/validation.ts";
import { type LoadedVersion, loadRequest } from "../sandbox/loaded_version.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";

/** What a host tells its process, frame by frame; nobody hears it while there is no process. */
export class HostFrames {
  readonly #encoder = new BatchEncoder();

  constructor(private readonly link: () => HostLink | undefined) {}

  /** Has it load and validate a build. */
  load({ id, build }: Validation): void {
    this.#send(ToHost.load, id, JSON.stringify(loadRequest(build, false)));
  }

  /** Has it load a version that another process has validated. */
  learn({ id, build }: LoadedVersion): void {
    this.#send(ToHost.load, id, JSON.stringify(loadRequest(build, true)));
  }

  /** Has it make a sandbox of a version that it knows. */
  make({ id, version }: Sandbox): void {
    this.#send(ToHost.sandbox, id, JSON.stringify({ version: version.id }));
  }

  /** Hands over the next batch of a sandbox; `first` runs before, where there is one. Tells whether there is. */
  batch(sandbox: Sandbox, now: number, first: () => void): boolean {
    if (!sandbox.take(now, this.#encoder)) return false;
    first();
    this.#send(ToHost.batch, sandbox.id, this.#encoder);
    return true;
  }

  drop(sandbox: Sandbox): void {
    this.#send(ToHost.drop, sandbox.id, "");
  }

  unload(version: LoadedVersion): void {
    this.#send(ToHost.unload, version.id, "");
  }

  #send(kind: number, id: number, payload: Payload): void {
    this.link()?.send(encodeFrame(kind, id, payload));
  }
}
