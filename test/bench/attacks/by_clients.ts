import { connect, type Socket } from "node:net";
import { AskingClient } from "../asking_client.ts";
import { type Attack, RATE, type Target } from "./attack.ts";

/** An upgrade with a header of `size` bytes, by hand: no client of the field sends it. */
function upgradeWith(header: string): string {
  const lines = [
    "GET /ws/victim HTTP/1.1",
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    header,
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function bare({ port }: Target): Socket {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => {});
  return socket;
}

/** Opens a socket again and again, every `ms`, and sends `text`. */
function again(target: Target, ms: number, text: string): void {
  setInterval(() => {
    const socket = bare(target);
    socket.once("data", () => socket.destroy());
    socket.write(text);
  }, ms);
}

const empty = { "attacker.js": 'import { defineRoom } from "hotroom";\nexport default defineRoom({});\n' };

/** Attacks from outside, most of them before any login. */
export const byClients: readonly Attack[] = [
  {
    name: "ten upgrades a second with 15 KB of spaces for a subprotocol",
    begin: async (target) =>
      again(target, 100, upgradeWith(`Sec-WebSocket-Protocol: x${" ".repeat(15_000)}x`)),
  },
  {
    name: "1,100 connections that send nothing, with 1,024 descriptors",
    descriptors: 1024,
    async begin(target) {
      const sockets = Array.from({ length: 1100 }, () => bare(target));
      await new Promise((resolve) => setTimeout(resolve, 1000));
      // Who is turned away comes back.
      setInterval(() => {
        for (const [n, socket] of sockets.entries()) if (socket.destroyed) sockets[n] = bare(target);
      }, 100);
    },
  },
  {
    name: "20 connections that send frames of 8 MB without a login",
    files: empty,
    async begin({ port }) {
      const frame = "x".repeat(8 * 1024 * 1024);
      for (let n = 0; n < 20; n++) void flood(port, frame);
    },
  },
  {
    name: "a client that sends as much as it can",
    files: empty,
    flags: RATE,
    async begin({ port }) {
      void flood(port, '{"event":"ping"}');
    },
  },
  {
    name: "50 clients that send as much as they can, without a login",
    files: empty,
    flags: RATE,
    async begin({ port }) {
      for (let n = 0; n < 50; n++) void flood(port, '{"event":"ping"}');
    },
  },
  {
    name: "10 clients that send brackets that never end, 64 KB at a time, without a login",
    files: empty,
    flags: RATE,
    async begin({ port }) {
      for (let n = 0; n < 10; n++) void flood(port, "[".repeat(64 * 1024));
    },
  },
  {
    name: "2,000 users who vanish and come back",
    files: {
      "attacker/hotroom.json": '{ "rooms": "join", "session": { "grace": 0 } }',
      "attacker/app.js":
        'import { defineApplication } from "hotroom";\nexport default defineApplication({ events: { logout() {} } });\n',
      "attacker/rooms/attacker.js": empty["attacker.js"],
    },
    async begin({ port }) {
      const enter = (n: number) => AskingClient.enter(port, "attacker", `room ${n % 20}`, `user ${n}`);
      let clients = await Promise.all(Array.from({ length: 2000 }, (_, n) => enter(n)));
      void (async () => {
        for (;;) {
          for (const { socket } of clients) (socket as unknown as { terminate(): void }).terminate();
          const returned = await Promise.allSettled(clients.map((_, n) => enter(n)));
          clients = returned.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
        }
      })();
    },
  },
  {
    name: "one user who makes all the rooms there may be",
    files: {
      "attacker/hotroom.json": '{ "rooms": "client" }',
      "attacker/rooms/attacker.js": empty["attacker.js"],
    },
    async begin({ port }) {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/attacker`);
      await new Promise((resolve) => socket.addEventListener("open", resolve));
      socket.send('{"event":"login","id":0,"data":{"name":"maker"}}');
      let made = 0;
      socket.addEventListener("message", () => {
        made++;
        socket.send(
          JSON.stringify({ event: "create", id: made, room: `room ${made}`, data: { keep: true } }),
        );
      });
    },
  },
];

/** Sends one frame over and over, as fast as the socket takes it, and comes back where it is turned away. */
async function flood(port: number, frame: string): Promise<void> {
  for (;;) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/attacker`);
    await new Promise((resolve) => {
      socket.addEventListener("open", () => {
        const send = () => {
          if (socket.readyState !== WebSocket.OPEN) return resolve(undefined);
          while (socket.bufferedAmount < 64 * 1024) socket.send(frame);
          setImmediate(send);
        };
        send();
      });
      socket.addEventListener("close", resolve);
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
