/**
 * The limit: Bun's own pub/sub behind a handler that parses each frame and writes a new one, without sandboxes, users,
 * limits or reload. It speaks as much of hotroom.v1 as the load generator needs.
 */
interface Frame {
  event: string;
  id?: string;
  room?: string;
  data?: unknown;
}

const server = Bun.serve<undefined, never>({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request, server) {
    if (server.upgrade(request)) return;
    return new Response("ok");
  },
  websocket: {
    message(socket, text) {
      const frame = JSON.parse(text as string) as Frame;
      if (frame.event === "join") socket.subscribe(frame.room as string);
      if (frame.id !== undefined) socket.send(JSON.stringify({ id: frame.id, ok: true }));
      if (frame.event !== "message") return;
      const { room, data } = frame;
      server.publish(room as string, JSON.stringify({ event: "message", room, type: "said", data }));
    },
  },
});
console.log(`listening on http://127.0.0.1:${server.port}`);
