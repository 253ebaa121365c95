/** What can keep a server from stopping: each brings it about, and leaves the server to be told to stop. */
import { connect, type Socket } from "node:net";
import { type TestServer, until } from "../e2e/harness.ts";

/** One way to keep a server. */
export interface Hang {
  readonly name: string;
  /** Program and arguments that become the server. */
  readonly under?: readonly string[];
  /** What the log says in the end of what was given up. */
  readonly givenUp?: RegExp;
  begin(server: TestServer): Promise<unknown>;
}

/** The applications that hang: each message uses up the 20 ms that it may use, and `limited` may use less than 1 ms a second. */
export const hangingFiles = {
  "worker.ts": worker(),
  "limited/rooms/limited.ts": worker(),
  "limited/hotroom.json": `{ "rooms": "join", "limits": { "cpuRate": 0.15, "cpuBurst": 30 } }`,
  "talker.ts": `import { defineRoom } from "hotroom";
export default defineRoom({ messages: { talk() { for (let n = 0; n < 100; n++) console.log("talk ".repeat(19)); } } });
`,
};

function worker(): string {
  return `import { defineRoom } from "hotroom";
export default defineRoom({
  events: { close() { console.log("closed in order"); } },
  messages: { work() { for (;;); } },
});
`;
}

/** What a file that takes the strip process many seconds begins with. */
const SLOW_SOURCE = `export const a = ${"a ? (b) : c => ".repeat(27)}0;`;

const sockets = new Set<Socket>();
const stoppedProcesses = new Set<number>();

/** Ends the connections that hangs have opened, and the processes that they have stopped. */
export function endHangs(): void {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const pid of stoppedProcesses) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended with its server.
    }
  }
  stoppedProcesses.clear();
}

/** Opens a bare TCP connection, and sends `text`; resolves to false if there is none to be had. */
function bare({ port }: TestServer, text = ""): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(text);
      resolve(true);
    });
    socket.on("error", () => resolve(false));
    sockets.add(socket);
  });
}

async function queue(server: TestServer, application: string, count: number): Promise<void> {
  const user = await server.user(application, "impatient", "hall");
  for (let n = 0; n < count; n++) user.send({ event: "message", room: "hall", type: "work" });
  await user.settle();
}

/** Stops the server's children that run a command. */
function stop(server: TestServer, command: string): void {
  const pids = server.hostPids(command);
  if (pids.length === 0) throw new Error(`Cannot stop a child of the server: none runs ${command}.`);
  for (const pid of pids) {
    stoppedProcesses.add(pid);
    process.kill(pid, "SIGSTOP");
  }
}

/** The first lines of a request, without what is to follow them. */
const HEAD =
  "POST /api/applications/worker/emit HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n";

/** A request that opens a WebSocket. */
const UPGRADE =
  "GET /ws/worker HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade\r\nupgrade: websocket\r\n" +
  "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

export const hangs: readonly Hang[] = [
  {
    name: "events that take longer",
    givenUp: /: \d+ events were not handled/,
    begin: (server) => queue(server, "worker", 5000),
  },
  {
    name: "events that wait for their application's CPU rate",
    givenUp: /: \d+ events were not handled/,
    begin: (server) => queue(server, "limited", 100),
  },
  {
    name: "stopped script hosts with events in hand",
    givenUp: /: \d+ events were not handled, \d script hosts? w\w+ killed/,
    begin: async (server) => {
      const user = await server.user("worker", "impatient", "hall");
      stop(server, "script-host");
      for (let n = 0; n < 100; n++) user.send({ event: "message", room: "hall", type: "work" });
      await user.settle();
    },
  },
  {
    name: "requests whose heads or bodies never come, and clients that neither read nor answer",
    begin: async (server) => {
      for (let n = 0; n < 20; n++) await bare(server, `${HEAD}content-length: 100\r\n\r\n{`);
      for (let n = 0; n < 20; n++) await bare(server, HEAD);
      for (let n = 0; n < 20; n++) await bare(server);
      for (let n = 0; n < 20; n++) await bare(server, UPGRADE);
    },
  },
  {
    name: "no file descriptors",
    under: ["sh", "-c", 'ulimit -n 256; exec "$0" "$@"'],
    begin: async (server) => {
      for (let n = 0; n < 400; n++) await bare(server);
    },
  },
  {
    name: "a source that is being parsed",
    begin: async (server) => {
      server.write("slow.ts", SLOW_SOURCE);
      await until("the strip process", () => server.hostPids("strip-types").length > 0);
    },
  },
  {
    name: "a standard output that nobody reads",
    under: ["bash", "-c", 'exec "$0" "$@" > >(exec cat)'],
    begin: async (server) => {
      const user = await server.user("talker", "talker", "hall");
      stop(server, "cat");
      for (let n = 0; n < 40; n++) user.send({ event: "message", room: "hall", type: "talk" });
    },
  },
];
