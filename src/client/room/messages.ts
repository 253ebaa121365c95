import { HotroomClientError } from "../error.ts";
import type { Off } from "../listeners.ts";
import type { MessageListeners } from "./membership.ts";
import type { IncomingMap, MessageIn } from "./declared.ts";
import type { RequestOptions } from "../connection/pending.ts";

/** What arrives, by message type. A message that no listener waits for is dropped. */
export class Messages<In extends IncomingMap = IncomingMap> implements AsyncIterable<MessageIn<In>> {
  readonly #listeners: MessageListeners;
  readonly #where: string;
  readonly #hasEnded: () => boolean;

  /** @internal Made by the client and its rooms; `where` is for error messages. */
  constructor(listeners: MessageListeners, where: string, hasEnded: () => boolean) {
    this.#listeners = listeners;
    this.#where = where;
    this.#hasEnded = hasEnded;
  }

  /** Calls `listener` with the data of each message of a type. */
  on<K extends keyof In & string>(type: K, listener: (data: In[K]) => void): Off {
    return this.#listeners.byType.on(type, listener);
  }

  /** Calls `listener` with the data of the next message of a type. */
  once<K extends keyof In & string>(type: K, listener: (data: In[K]) => void): Off {
    return this.#listeners.byType.once(type, listener);
  }

  /** Removes a listener. */
  off<K extends keyof In & string>(type: K, listener: (data: In[K]) => void): void {
    this.#listeners.byType.off(type, listener);
  }

  /** Calls `listener` with each message, after those of its type. */
  onAny(listener: (message: MessageIn<In>) => void): Off {
    return this.#listeners.all.on("message", (message) => listener(message as MessageIn<In>));
  }

  /**
   * Resolves with the data of the next message of a type. Rejects with HotroomClientError: `timeout` (by default it waits for
   * ever), `closed`, or with the signal's reason.
   */
  next<K extends keyof In & string>(type: K, { timeout = 0, signal }: RequestOptions = {}): Promise<In[K]> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const what = `Cannot wait for "${type}" ${this.#where}`;
      const ended = () => giveUp(new HotroomClientError("closed", `${what}: no more messages come.`));
      if (this.#hasEnded()) throw new HotroomClientError("closed", `${what}: no more messages come.`);

      let timer: ReturnType<typeof setTimeout> | undefined;
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        offType();
        offEnd();
      };
      const giveUp = (error: unknown) => {
        settle();
        reject(error);
      };
      const abort = () => giveUp(signal?.reason);
      const offType = this.on(type, (data) => {
        settle();
        resolve(data);
      });
      const offEnd = this.#listeners.all.once("end", ended);
      signal?.addEventListener("abort", abort);
      if (timeout > 0 && Number.isFinite(timeout)) {
        const late = new HotroomClientError("timeout", `${what}: none came in ${timeout} ms.`);
        timer = setTimeout(() => giveUp(late), timeout);
      }
    });
  }

  /** Gives every message from now on, in order, until the room or the connection ends; what isn't read yet waits in memory. */
  [Symbol.asyncIterator](): AsyncIterator<MessageIn<In>, undefined> {
    const arrived: MessageIn<In>[] = [];
    const readers: ((result: IteratorResult<MessageIn<In>, undefined>) => void)[] = [];
    const done = { done: true, value: undefined } as const;
    let over = this.#hasEnded();

    const offMessage = this.onAny((message) => {
      const reader = readers.shift();
      if (reader) reader({ done: false, value: message });
      else arrived.push(message);
    });
    const stop = () => {
      over = true;
      offMessage();
      offEnd();
      for (const reader of readers.splice(0)) reader(done);
    };
    const offEnd = this.#listeners.all.once("end", stop);
    if (over) stop();

    return {
      next() {
        const message = arrived.shift();
        if (message) return Promise.resolve({ done: false, value: message });
        if (over) return Promise.resolve(done);
        return new Promise((resolve) => readers.push(resolve));
      },
      return() {
        arrived.length = 0;
        stop();
        return Promise.resolve(done);
      },
    };
  }
}
