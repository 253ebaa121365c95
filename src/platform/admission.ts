import { counted } from "../core/text/counted.ts";
import { isLocalAddress } from "../core/connection/peer.ts";

/** Connections of one address where no number was asked for. */
const MOST_OF_ADDRESS = 1_000;
/** The same warning is given again after so long, ms. */
const QUIET_MS = 60_000;

/** What an admission is made with. */
export interface AdmissionOptions {
  /** Connections at one time. */
  readonly most: number;
  /** Connections of one address at one time, 0 for no limit; undefined is 1,000, and no limit for this machine's own addresses. */
  readonly mostOfAddress: number | undefined;
  /** Hears what whoever runs the server should know. */
  warn(message: string): void;
}

/** Counts connections, in all and by address, and says which are too many. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #byAddress = new Map<string, number>();
  readonly #warned = new Map<string, number>();
  #size = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** True if another connection would be one too many. */
  get isFull(): boolean {
    return this.#size >= this.#options.most;
  }

  /** Lets a connection in; returns why not if it is one too many, and then it need not leave. */
  enter(address: string): string | undefined {
    const { most } = this.#options;
    const ofAddress = this.#byAddress.get(address) ?? 0;
    if (this.isFull) {
      this.#warn(
        "all",
        `There are ${counted(most, "connection")}, the most that may be: new ones are refused (--max-connections).`,
      );
      return `Cannot take the connection: the server has ${most}, which is the most.`;
    }
    if (ofAddress >= this.#mostOf(address)) {
      const text = `Address ${address} has ${counted(ofAddress, "connection")}: more are refused (--max-connections-per-address).`;
      this.#warn("address", text);
      return `Cannot take the connection: your address has ${ofAddress}, which is the most.`;
    }
    this.#size += 1;
    this.#byAddress.set(address, ofAddress + 1);
    return undefined;
  }

  leave(address: string): void {
    this.#size -= 1;
    const ofAddress = (this.#byAddress.get(address) ?? 1) - 1;
    if (ofAddress > 0) this.#byAddress.set(address, ofAddress);
    else this.#byAddress.delete(address);
  }

  /** Warns that no file descriptors are left, with so many open connections. */
  shortage(connections: number): void {
    const open = counted(connections, "connection");
    this.#warn("descriptors", `No file descriptors left: ${open}. New ones are refused until some end.`);
  }

  /** Passes a warning on, unless there was one about the same subject a short while ago. */
  #warn(subject: string, message: string): void {
    const now = performance.now();
    if (now - (this.#warned.get(subject) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
    this.#warned.set(subject, now);
    this.#options.warn(message);
  }

  #mostOf(address: string): number {
    const asked = this.#options.mostOfAddress ?? (isLocalAddress(address) ? 0 : MOST_OF_ADDRESS);
    return asked === 0 ? Number.POSITIVE_INFINITY : asked;
  }
}

/** Returns the answer to a request of a connection that was refused, and the connection ends with it. */
export function refusal(message: string): Response {
  const error = { code: "too_many_connections", message };
  return Response.json({ error }, { status: 503, headers: { connection: "close", "retry-after": "10" } });
}
