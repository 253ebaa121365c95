import { BatchEncoder } from "../../wire/batch/batch_encoder.ts";
import { encodeFrame } from "../../../process/frame.ts";
import { type MemoryLimit, ToHost } from "../../wire/frame_kinds.ts";
import type { Batch } from "../sandbox/batch.ts";
import { type LoadedVersion, loadRequest } from "../sandbox/loaded_version.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Validation } from "../sandbox/validation.ts";

/** Encodes what a host tells its process. Every method returns a frame, and throws RangeError if that is too large. */
export class HostFrames {
  readonly #encoder = new BatchEncoder();

  /** Has the process load and validate a build. */
  load({ id, build }: Validation): Uint8Array {
    return encodeFrame(ToHost.load, id, JSON.stringify(loadRequest(build, false)));
  }

  /** Has it load a version that another process has validated. */
  learn({ id, build }: LoadedVersion): Uint8Array {
    return encodeFrame(ToHost.load, id, JSON.stringify(loadRequest(build, true)));
  }

  /** Has it make a sandbox of a version that it knows. */
  make({ id, version }: Sandbox): Uint8Array {
    return encodeFrame(ToHost.sandbox, id, JSON.stringify({ version: version.id }));
  }

  /** Hands over a batch of a sandbox `now`, ms since the epoch. */
  batch({ id }: Sandbox, { posted }: Batch, now: number): Uint8Array {
    this.#encoder.begin();
    for (const { slot, call, muted, foreign, guarded } of posted) {
      call.encode(this.#encoder, slot.number, now, muted, foreign, guarded);
    }
    return encodeFrame(ToHost.batch, id, this.#encoder);
  }

  /** Tells it what the sandboxes of an application may take from now on. */
  memory(limit: MemoryLimit): Uint8Array {
    return encodeFrame(ToHost.memory, 0, JSON.stringify(limit));
  }

  /** Has it drop the memory of a sandbox. */
  drop({ id }: Sandbox): Uint8Array {
    return encodeFrame(ToHost.drop, id, "");
  }

  /** Has it forget a version. */
  unload({ id }: LoadedVersion): Uint8Array {
    return encodeFrame(ToHost.unload, id, "");
  }
}
