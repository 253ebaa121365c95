// Socket.IO on Node, as its documentation shows it: rooms and a broadcast to one.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false, pingInterval: 120_000 });

io.on("connection", (socket) => {
  socket.on("join", (room, done) => {
    socket.join(room);
    socket.data.room = room;
    done();
  });
  socket.on("say", ({ text }) => io.to(socket.data.room).emit("said", { text }));
});
http.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${http.address().port}`));
