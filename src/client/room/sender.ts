import type { OutgoingFrame } from "../connection/frames.ts";
import type { RequestOptions } from "../connection/pending.ts";

/** What the rooms send with; the client's own half of requests, with its default timeout. */
export interface Sender {
  /** Id of the newest request. */
  newest(): number;
  send(frame: OutgoingFrame, what: string): void;
  request<T>(
    frame: OutgoingFrame,
    what: string,
    options: RequestOptions | undefined,
    take: (reply: unknown) => T,
    late?: () => void,
  ): Promise<T>;
  /** Sends past what waits for the client's return. */
  direct<T>(frame: OutgoingFrame, what: string, take: (reply: unknown) => T): Promise<T>;
}
