/** The clients of `compression.ts`, in a thread of their own: they count what comes. */
interface Order {
  readonly url: string;
  readonly count: number;
  readonly frames: number;
}

globalThis.onmessage = ({ data: { url, count, frames } }: MessageEvent<Order>) => {
  let [open, heard] = [0, 0];
  for (let n = 0; n < count; n++) {
    const socket = new WebSocket(url);
    socket.onopen = () => ++open === count && postMessage("open");
    socket.onmessage = () => ++heard === frames && postMessage("done");
  }
};
