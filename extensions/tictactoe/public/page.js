/** The lobby, and a match as its players and those who watch it see it. */
import { connect } from "/client.js";

const $ = (id) => document.getElementById(id);
const client = await connect("/ws/tictactoe", { store: true });
/** Matches that are there, by name. */
const matches = new Map();
/** The match that is played or watched, how it stands, and what is to be said of it before whose move it is. */
let room;
let match;
let news = "";

const tell = ({ message }) => ($("status").textContent = message);
for (const event of ["edit", "expired"]) client.on(event, () => location.reload());
client.on("room_change", (listed) => {
  if (listed.gone) matches.delete(listed.name);
  else matches.set(listed.name, listed);
  show();
});

$("login").onsubmit = async (event) => {
  event.preventDefault();
  const { name } = Object.fromEntries(new FormData(event.target));
  await client.login({ name }).then(enter).catch(tell);
};
$("play").onclick = () =>
  client
    .request("play")
    .then(({ room }) => join(room))
    .catch(tell);
$("rematch").onclick = () => room.request("rematch").catch(tell);
$("leave").onclick = () => {
  location.hash = "";
  room.leave();
};

/** Follows the list of matches; who had the page loaded again goes on in the match of before. */
async function enter() {
  $("login").hidden = true;
  const [joined] = client.rooms.values();
  if (joined) await go(joined);
  const { rooms } = await client.listRooms({ type: "match", live: true });
  for (const listed of rooms) matches.set(listed.name, listed);
  // What is watched stands in the address; how that match stands is told where one begins to watch it.
  const watched = decodeURIComponent(location.hash.slice(1));
  if (!room && matches.has(watched)) {
    await (await client.subscribe(watched)).leave();
    await watch(watched);
  }
  show();
}

const join = async (name) => go(await client.join(name));
const watch = async (name) => {
  location.hash = encodeURIComponent(name);
  const watched = await client.subscribe(name);
  await go(watched, watched.data);
};

/** Goes into a match, and listens to it before asking how it stands: it may be begun meanwhile. */
async function go(entered, stands) {
  room = entered;
  match = stands ?? { board: [], turn: null, seats: [] };
  const on = (type, change) =>
    entered.messages.on(type, (data) => {
      change(data);
      show();
    });
  on("started", ({ seats, turn }) => {
    match = { board: [], turn, seats };
    news = "";
  });
  on("moved", ({ cell, mark, turn }) => {
    match.board[cell] = mark;
    match.turn = turn;
  });
  on("over", ({ winner, reason, line }) => {
    Object.assign(match, { turn: null, line });
    news = `${winner ? `${winner} wins. ` : ""}${reason}`;
  });
  on(
    "waiting",
    ({ for: name, ms }) => (news = `${name} has lost the connection, and has ${ms / 1000} s to come back.`),
  );
  on("back", () => (news = ""));
  on("rematch", ({ by }) => (news = `${by} wants to play again.`));
  entered.on("end", ({ reason }) => {
    room = undefined;
    news = "";
    show();
    if (reason) tell({ message: reason });
  });
  if (!stands) match = await entered.request("board");
  show();
}

function show() {
  $("lobby").hidden = room !== undefined;
  $("match").hidden = room === undefined;
  if (room) return showMatch();
  tell({ message: matches.size > 0 ? "" : "Nobody plays: begin, and wait for somebody." });
  $("matches").replaceChildren(
    ...[...matches.values()].map(({ name, users }) => {
      const line = document.createElement("li");
      const button = document.createElement("button");
      button.textContent = users < 2 ? "Join" : "Watch";
      button.onclick = () => (users < 2 ? join(name) : watch(name)).catch(tell);
      line.append(Object.assign(document.createElement("span"), { textContent: name }), button);
      return line;
    }),
  );
}

function showMatch() {
  const { board, turn, seats, line = [] } = match;
  const mine = seats.find(({ name }) => name === client.user.name)?.mark;
  const next = seats.find(({ mark }) => mark === turn);
  const move = turn === mine ? `Your move: you are ${mine}.` : `${next?.name} (${turn}) is to move.`;
  const idle = seats.length < 2 ? "Waiting for somebody to play with." : "The game is over.";
  tell({ message: news || (turn ? move : idle) });
  $("rematch").hidden = turn !== null || mine === undefined || seats.length < 2;
  $("board").replaceChildren(
    ...Array.from({ length: 9 }, (_, cell) => {
      const mark = board[cell] || "";
      const button = Object.assign(document.createElement("button"), {
        textContent: mark,
        ariaLabel: `cell ${cell + 1}${mark && `, ${mark}`}`,
        className: line.includes(cell) ? "won" : "",
        disabled: mine === undefined || turn !== mine || mark !== "",
      });
      button.onclick = () => room.request("move", { cell }).catch(tell);
      return button;
    }),
  );
}

tell({ message: "" });
$("login").querySelector("button").disabled = false;
if (client.user) await enter();
