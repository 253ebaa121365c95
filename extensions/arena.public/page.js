/** Sends which way its player wants to go, and draws where the server says that all are. */
import { connect } from "/client.js";

const canvas = document.querySelector("canvas");
const pen = canvas.getContext("2d");
const status = document.getElementById("status");
// The session is kept in the tab: after a reload one still runs.
const client = await connect("/ws/arena", { store: true });
client.on("edit", () => location.reload());
client.on("close", ({ reason }) => (status.textContent = `The connection has ended. ${reason ?? ""}`));

let room;
let world = { discs: {} };
const login = document.getElementById("login");
login.onsubmit = async (event) => {
  event.preventDefault();
  const { name, colour } = Object.fromEntries(new FormData(event.target));
  try {
    await client.login({ name });
    enter(await client.join("arena", { colour }));
  } catch (error) {
    status.textContent = error.message;
  }
};
status.textContent = "Arrow keys or WASD; on a phone, press where you want to go.";
login.querySelector("button").disabled = false;
const [kept] = client.rooms.values();
if (kept) enter(kept);

function enter(joined) {
  room = joined;
  login.hidden = true;
  room.messages.on("world", (now) => (world = now));
  room.messages.on("positions", (positions) => {
    for (const id in world.discs) if (!(id in positions)) delete world.discs[id];
    for (const id in positions) if (world.discs[id]) world.discs[id].at = positions[id];
    draw();
  });
}

function draw() {
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.textAlign = "center";
  // As large on a phone as on a desk.
  pen.font = `${(13 * canvas.width) / canvas.clientWidth}px system-ui`;
  for (const [id, { colour, at }] of Object.entries(world.discs)) {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.arc(...at, world.radius, 0, 7);
    pen.fill();
    pen.fillStyle = "white";
    pen.fillText(room.users.find((user) => user.id === id)?.name ?? id, at[0], at[1] - world.radius - 6);
  }
  status.textContent = `${room.users.length} here, and ${Object.keys(world.discs).length - room.users.length} bots`;
}

const keys = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  a: [-1, 0],
  d: [1, 0],
  w: [0, -1],
  s: [0, 1],
};
const held = new Set();
let last = "";
function wish(...direction) {
  const data = direction.map((value) => Math.min(1, Math.max(-1, value)));
  if (!room || last === String(data)) return;
  last = String(data);
  room.send("input", data);
}
const byKeys = () => wish(...[0, 1].map((axis) => [...held].reduce((sum, key) => sum + keys[key][axis], 0)));
window.onkeydown = ({ key, target }) => {
  if (key in keys && target.tagName !== "INPUT") byKeys(held.add(key));
};
window.onkeyup = ({ key }) => byKeys(held.delete(key));
canvas.onpointerdown = canvas.onpointermove = ({ offsetX, offsetY, buttons }) => {
  const me = world.discs[client.user?.id];
  if (!me || !buttons) return;
  const scale = canvas.width / canvas.clientWidth;
  wish(...[offsetX, offsetY].map((to, i) => Math.sign(Math.round((to * scale - me.at[i]) / 20))));
};
canvas.onpointerup = canvas.onpointercancel = () => wish(0, 0);
