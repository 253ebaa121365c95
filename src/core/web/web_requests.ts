import type { Application } from "../application/application.ts";
import { isLocalAddress } from "../connection/peer.ts";
import { errorOf, HotroomError } from "../errors.ts";
import { Budget } from "../limit/budget.ts";
import type { Outcome } from "../ports/outcome.ts";
import { readAnswer, type WebAnswer } from "./web_answer.ts";
import { eventOf, type WebRequest } from "./web_request.ts";

/** Requests of one application under way at one time; and of one address among them, unless it is one of this machine. */
const MOST_OF_APPLICATION = 256;
const MOST_OF_ADDRESS = 32;
/** Bytes of the bodies of all requests under way, and of those of one application. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_BYTES_OF_APPLICATION = 16 * 1024 * 1024;

/** A request that is under way: until it is left it counts. */
export interface Entered {
  /** Takes bytes of a body. Throws HotroomError `busy` where all requests together have too many. */
  take(bytes: number): void;
  leave(): void;
}

/** The requests by HTTP that scripts are to answer: how many there may be, and what becomes of them. */
export class WebRequests {
  readonly #ofApplication = new Map<string, number>();
  readonly #ofAddress = new Map<string, number>();
  /** Bytes of the bodies of each application that has any. */
  readonly #bytesOf = new Map<string, number>();
  readonly #bodies = new Budget(() => MOST_BYTES);

  /** Takes a request in, before its body is read. Throws HotroomError `busy` where there are as many as may be. */
  enter(application: string, address: string): Entered {
    const place = `${application} ${address}`;
    const all = this.#ofApplication.get(application) ?? 0;
    const own = this.#ofAddress.get(place) ?? 0;
    const mayAddress = own < MOST_OF_ADDRESS || isLocalAddress(address);
    if (all >= MOST_OF_APPLICATION || !mayAddress) throw busy("as many requests are under way as may be");
    this.#ofApplication.set(application, all + 1);
    this.#ofAddress.set(place, own + 1);
    let taken = 0;
    return {
      take: (bytes) => {
        const own = (this.#bytesOf.get(application) ?? 0) + bytes;
        if (own > MOST_BYTES_OF_APPLICATION || !this.#bodies.take(bytes))
          throw busy("too much is being sent");
        this.#bytesOf.set(application, own);
        taken += bytes;
      },
      leave: () => {
        this.#bodies.give(taken);
        if (taken > 0) countDown(this.#bytesOf, application, taken);
        taken = 0;
        countDown(this.#ofApplication, application);
        countDown(this.#ofAddress, place);
      },
    };
  }

  /** Returns true if the script that an application runs hears requests. */
  static areHeard({ own, extension }: Application): boolean {
    const definition = extension && own.versionNamed(extension.version)?.extension;
    return definition?.handlers.includes("events.request") === true;
  }

  /**
   * Resolves with the script's answer. Rejects with HotroomError: `no_handler`, `refused`, `handler_failed`, `busy`, `not_saved`,
   * `application_unavailable`.
   */
  async ask(application: Application, request: WebRequest): Promise<WebAnswer> {
    application.checkExtension("answer the request");
    if (!application.extension)
      throw new HotroomError("no_handler", "Cannot answer the request: no script does.");
    const { failure, value } = await new Promise<Outcome>((resolve) => {
      application.dispatch(eventOf(request), { after: resolve });
    });
    if (failure) throw errorOf(failure);
    return readAnswer(value);
  }
}

function countDown(counts: Map<string, number>, key: string, by = 1): void {
  const left = (counts.get(key) ?? by) - by;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}

function busy(why: string): HotroomError {
  return new HotroomError("busy", `Cannot take the request: ${why}.`);
}
