import { ToHost, ToServer } from "../../src/script/wire/frame_kinds.ts";
import type { Frame } from "../../src/process/frame.ts";
import type { HostLink, HostListener } from "../../src/script/server/process/host_link.ts";

/**
 * A script host without an engine: it takes each batch and gives an answer that was made before, so that what is left of an
 * event's cost is the server's own half of the wall.
 */
export class HollowHost implements HostLink {
  readonly pid = null;
  readonly isReady = true;
  readonly isWritable = true;
  #frames: Uint8Array[] = [];

  /** `answerTo` makes the answer to a batch of so many events. */
  constructor(
    private readonly listener: HostListener,
    private readonly answerTo: (events: number) => Uint8Array,
  ) {}

  send(frame: Uint8Array): void {
    if (frame[4] !== ToHost.batch) return;
    if (this.#frames.push(frame) === 1) setImmediate(() => this.#answer());
  }

  flush(): void {}

  usage(): undefined {}

  adopt(): never {
    throw new Error("A hollow host is nobody else's.");
  }

  kill(): void {}

  end(): void {}

  #answer(): void {
    const frames = this.#frames;
    this.#frames = [];
    for (const frame of frames) {
      const view = new DataView(frame.buffer, frame.byteOffset);
      const payload = this.answerTo(view.getUint32(9, true));
      const answer: Frame = { kind: ToServer.answer, id: view.getUint32(5, true), payload };
      this.listener.frame(answer);
    }
  }
}
