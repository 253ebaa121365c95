// Colyseus on Node, as its documentation shows it: a room with one message and a broadcast.
import { createServer } from "node:http";
import { Room, Server } from "@colyseus/core";
import { WebSocketTransport } from "@colyseus/ws-transport";

class Talk extends Room {
  maxClients = 100_000;
  patchRate = null;

  onCreate() {
    this.onMessage("say", (_, { text }) => this.broadcast("said", { text }));
  }
}

const http = createServer();
const server = new Server({
  greet: false,
  transport: new WebSocketTransport({ server: http, pingInterval: 120_000 }),
});
server.define("talk", Talk).filterBy(["room"]);
await server.listen(0, "127.0.0.1");
console.log(`listening on http://127.0.0.1:${http.address().port}`);
