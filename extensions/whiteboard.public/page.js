/** Draws at once what its own hand draws, and what comes from the others. The part of the address behind # is the board's name. */
import { connect } from "/client.js";

const canvas = document.querySelector("canvas");
const pen = Object.assign(canvas.getContext("2d"), { lineWidth: 4, lineCap: "round", lineJoin: "round" });
const status = document.getElementById("status");

const client = await connect("/ws/whiteboard");
const name = `guest ${crypto.randomUUID().slice(0, 8)}`;
await client.login({ name });
const room = await client.join(location.hash.slice(1) || "board");
client.on("edit", () => location.reload());
client.on("away", () => show());
client.on("back", () => show());
for (const event of ["join", "leave"]) room.on(event, () => show());
room.on("leave", ({ id }) => cursorOf(id).remove());
const clear = () => pen.clearRect(0, 0, canvas.width, canvas.height);
room.messages.on("board", (strokes) => {
  clear();
  strokes.forEach(draw);
});
room.messages.on("drawn", draw);
room.messages.on("cleared", clear);
room.messages.on("cursor", point);
// What was missed for good: the board comes again with a new join.
room.on("reset", () => location.reload());

function show() {
  status.textContent =
    client.state === "online" ? `${room.users.length} here` : "away: what you draw is sent later";
}

/** Shows where another one points. Nobody has looked at what comes by a relay: what are no numbers moves nothing. */
function point({ from, data }) {
  const cursor = cursorOf(from);
  cursor.style.left = `${(100 * Number(data?.[0])) / canvas.width}%`;
  cursor.style.top = `${(100 * Number(data?.[1])) / canvas.height}%`;
  if (!cursor.isConnected) canvas.after(cursor);
}

function cursorOf(id) {
  const found = document.getElementById(`cursor-${id}`);
  if (found) return found;
  const { name = id } = room.users.find((user) => user.id === id) ?? {};
  return Object.assign(document.createElement("span"), {
    id: `cursor-${id}`,
    className: "cursor",
    textContent: `▲ ${name}`,
  });
}

function draw({ colour, points }) {
  pen.strokeStyle = colour;
  pen.beginPath();
  pen.moveTo(...points[0]);
  for (const point of points) pen.lineTo(...point);
  pen.stroke();
}

/** A stroke goes out in pieces while it is drawn, each of a few points, and each begins where the one before has ended. */
let piece;
let timer;
const colour = () => document.getElementById("colour").value;
const at = ({ offsetX, offsetY }) => {
  const scale = canvas.width / canvas.clientWidth;
  const within = (value, most) => Math.round(Math.min(most, Math.max(0, value * scale)));
  return [within(offsetX, canvas.width), within(offsetY, canvas.height)];
};

function send() {
  if (piece?.length > 1) room.send("draw", { colour: colour(), points: piece });
  if (piece) piece = piece.slice(-1);
}

/** Where one points goes out a few times a second, and not while one draws. */
let pointed = 0;
function tell(event) {
  if (piece || event.timeStamp - pointed < 60) return;
  pointed = event.timeStamp;
  room.send("cursor", at(event));
}

function begin(point) {
  piece = [point];
  timer = setInterval(send, 50);
}

function goOn(point) {
  piece.push(point);
  draw({ colour: colour(), points: piece.slice(-2) });
  if (piece.length >= 100) send();
}

function end() {
  clearInterval(timer);
  send();
  piece = undefined;
}

canvas.onpointerdown = (event) => {
  canvas.setPointerCapture(event.pointerId);
  begin(at(event));
};
canvas.onpointermove = (event) => {
  tell(event);
  if (piece) goOn(at(event));
};
canvas.onpointerup = canvas.onpointercancel = end;

/** By keys: arrows move a hand over the board, and with Shift it draws. */
const steps = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] };
let hand = [canvas.width / 2, canvas.height / 2];
const showHand = () => point({ from: client.user.id, data: hand });
canvas.onfocus = () => canvas.matches(":focus-visible") && showHand();
canvas.onblur = () => {
  end();
  cursorOf(client.user.id).remove();
};
canvas.onkeydown = (event) => {
  const step = steps[event.key];
  if (!step) return;
  event.preventDefault();
  const [x, y] = hand.map((value, axis) => value + step[axis]);
  const to = [Math.min(canvas.width, Math.max(0, x)), Math.min(canvas.height, Math.max(0, y))];
  if (event.shiftKey) {
    if (!piece) begin(hand);
    goOn(to);
  } else room.send("cursor", to);
  hand = to;
  showHand();
};
canvas.onkeyup = ({ key }) => key === "Shift" && end();
document.getElementById("clear").onclick = () => room.send("clear");
show();
