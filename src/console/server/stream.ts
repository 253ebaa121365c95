/** Streams of the API (text/event-stream), read by fetch, since only that can show the session's key. */
import { type AskError, request } from "./ask.ts";

/** Waits between two tries, ms. */
const AGAIN_MS = 1500;
/** Longest event that is kept until its end has come, characters. */
const MAX_EVENT = 4 * 1024 * 1024;

/** Hears the events of a stream by name. */
export type StreamListeners = Readonly<Record<string, (data: never) => void>>;

/**
 * Follows a stream, and again where it ends, until the function that it returns is called. `address` is asked for at each try. Nobody
 * follows while the page is hidden: browsers have six connections to a server for all of their tabs, games among them.
 */
export function follow(
  address: () => string,
  listeners: StreamListeners,
  failed?: (error: AskError) => void,
): () => void {
  const end = new AbortController();
  const read = async () => {
    for (await shown(end.signal); !end.signal.aborted; await shown(end.signal)) {
      const looked = whileShown(end.signal);
      try {
        const response = await request("GET", address(), { signal: looked });
        if (response.body) await readEvents(response.body, listeners);
      } catch (error) {
        if (looked.aborted) continue;
        failed?.(error as AskError);
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  };
  read();
  return () => end.abort();
}

/** Resolves when somebody sees the page, or `end` is aborted. */
function shown(end: AbortSignal): Promise<void> {
  if (!document.hidden || end.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const once = { once: true, signal: end };
    document.addEventListener("visibilitychange", () => resolve(), once);
    end.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Returns a signal that is aborted when the page is hidden, or `end` is aborted. */
function whileShown(end: AbortSignal): AbortSignal {
  const shown = new AbortController();
  const abort = () => shown.abort();
  const until = { once: true, signal: shown.signal };
  document.addEventListener("visibilitychange", abort, until);
  end.addEventListener("abort", abort, until);
  return shown.signal;
}

async function readEvents(body: ReadableStream<Uint8Array>, listeners: StreamListeners): Promise<void> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    if (rest.length > MAX_EVENT) throw new Error("Cannot read the stream: an event of it is too long.");
    for (const block of blocks) hear(block, listeners);
  }
}

function hear(block: string, listeners: StreamListeners): void {
  let name = "message";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data += line.slice(5).trim();
  }
  if (data === "" || !Object.hasOwn(listeners, name)) return;
  listeners[name]?.(JSON.parse(data) as never);
}
