/** Reads a stream of server-sent events, as the console does. */
import { PATIENCE } from "./patience.ts";

export interface LiveEvent {
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a test's own server.
  data: any;
}

export class LiveReader {
  readonly #events: LiveEvent[] = [];
  readonly #abort = new AbortController();
  #waiting: (() => void)[] = [];
  /** All that came, by name: rows of the table, as a page would have them. */
  readonly rows = new Map<string, Record<string, unknown>>();
  ended = false;

  static async open(url: string, headers: Record<string, string> = {}): Promise<LiveReader> {
    const reader = new LiveReader();
    const response = await fetch(url, { headers, signal: reader.#abort.signal });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    void reader.#read(response);
    return reader;
  }

  /** Resolves with the data of the first event, read or to come, that fits; it is taken from the others. */
  async next(
    name: string,
    fits: (data: LiveEvent["data"]) => boolean = () => true,
  ): Promise<LiveEvent["data"]> {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const at = this.#events.findIndex(({ event, data }) => event === name && fits(data));
      const [found] = at < 0 ? [] : this.#events.splice(at, 1);
      if (found) return found.data;
      if (Date.now() > end || this.ended)
        throw new Error(`No event ${name} that fits in ${JSON.stringify(this.#events).slice(0, 2000)}`);
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        setTimeout(resolve, 1000);
      });
    }
  }

  close(): void {
    this.#abort.abort();
  }

  async #read({ body }: Response): Promise<void> {
    let text = "";
    try {
      for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += chunk;
        const parts = text.split("\n\n");
        text = parts.pop() ?? "";
        for (const part of parts) this.#take(part);
      }
    } catch {
      // Aborted, or the server is gone.
    }
    this.ended = true;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #take(part: string): void {
    const match = part.match(/^event: (\w+)\ndata: (.*)$/);
    if (!match) return;
    const data = JSON.parse(match[2] ?? "");
    if (match[1] === "rooms")
      for (const row of data.changed ?? []) this.rows.set(row.name, { ...this.rows.get(row.name), ...row });
    this.#events.push({ event: match[1] ?? "", data });
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
