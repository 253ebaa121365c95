// ws on Node: a handler that parses each frame, writes a new one and sends it to each member of the room.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const rooms = new Map();
const http = createServer((_, response) => response.end("ok"));
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });

sockets.on("connection", (socket) => {
  socket.on("message", (bytes) => {
    const { event, id, room, data } = JSON.parse(bytes.toString());
    if (event === "join") {
      if (!rooms.has(room)) rooms.set(room, new Set());
      rooms.get(room).add(socket);
    }
    if (id !== undefined) socket.send(JSON.stringify({ id, ok: true }));
    if (event !== "message") return;
    const text = JSON.stringify({ event: "message", room, type: "said", data });
    for (const member of rooms.get(room) ?? []) member.send(text);
  });
  socket.on("close", () => {
    for (const members of rooms.values()) members.delete(socket);
  });
});
http.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${http.address().port}`));
