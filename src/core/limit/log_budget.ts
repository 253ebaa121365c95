import type { Clock } from "../ports/clock.ts";
import { TokenBucket } from "./token_bucket.ts";

/** What may come at once, in seconds of the rate. */
const BURST_SECONDS = 5;
/** How long dropped lines are counted before their number is logged, ms. */
const REPORT_MS = 1000;
/** Bytes of a line beside its text: time, level, application, room and version. */
const HEAD_BYTES = 200;
/** Bytes of a character that is written as an escape, `\u001b`, or of half of a pair. */
const ESCAPE_BYTES = 6;

/** What an application may log in a second. */
export interface LogRates {
  /** Lines. */
  readonly logRate: number;
  /** Bytes as they are written, escapes included. */
  readonly logBytes: number;
}

/** What an application may log, in lines and bytes a second; what is more is dropped and counted. */
export class LogBudget {
  #rates: LogRates | undefined;
  #lines!: TokenBucket;
  #bytes!: TokenBucket;
  #dropped = 0;

  /** `rates` is asked for each line, since an edit may change it; `report` logs how many lines were dropped. */
  constructor(
    private readonly clock: Clock,
    private readonly rates: () => LogRates,
    private readonly report: (dropped: number) => void,
  ) {}

  /** Counts one more line; returns false if it must not be logged. */
  take(text: string): boolean {
    this.#follow(this.rates());
    if (this.#lines.take() && this.#bytes.take(HEAD_BYTES + writtenBytes(text))) return true;
    if (this.#dropped++ === 0) this.clock.after(REPORT_MS, () => this.#reportDropped());
    return false;
  }

  /** Begins anew, with all that may come at once, where an edit has changed a rate. */
  #follow({ logRate, logBytes }: LogRates): void {
    if (this.#rates?.logRate === logRate && this.#rates.logBytes === logBytes) return;
    this.#rates = { logRate, logBytes };
    const bucket = (rate: number) => new TokenBucket(this.clock, { rate, burst: rate * BURST_SECONDS });
    this.#lines = bucket(logRate);
    this.#bytes = bucket(logBytes);
  }

  #reportDropped(): void {
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.report(dropped);
  }
}

/** Returns the bytes that a text has in the log at most, whatever its format escapes. */
function writtenBytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22 || unit === 0x5c) bytes += 1;
    else if (unit < 0x20 || (unit >= 0x7f && unit < 0xa0) || (unit >= 0xd800 && unit < 0xe000))
      bytes += ESCAPE_BYTES - 1;
    else if (unit >= 0x800) bytes += unit === 0x2028 || unit === 0x2029 ? ESCAPE_BYTES - 1 : 2;
    else if (unit >= 0x80) bytes += 1;
  }
  return bytes;
}
