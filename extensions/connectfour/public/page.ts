/** The lobby and the board. The server says how a match stands; the page shows it. */
import { type Client, connect, type ListedRoom, type Room, type WatchedRoom } from "/client.js";
import { COLUMNS, isFree, ROWS } from "../lib/board.ts";
import type match from "../rooms/match.ts";
import type { Match } from "../rooms/match.ts";

const $ = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const client: Client = await connect("/ws/connectfour", { store: true });
/** Open matches, and those that can be watched, by name. */
const matches = new Map<string, ListedRoom>();
let room: Room<typeof match> | WatchedRoom | undefined;
let state: Match | undefined;

client.on("room_change", (listed) => {
  if (listed.gone) matches.delete(listed.name);
  else matches.set(listed.name, listed);
  showLobby();
});
client.on("edit", () => location.reload());
client.on("expired", () => location.reload());

$("login").onsubmit = async (event) => {
  event.preventDefault();
  const name = new FormData($<HTMLFormElement>("login")).get("name");
  try {
    await client.login({ name });
    await enter();
  } catch (error) {
    alert((error as Error).message);
  }
};
$("new").onclick = async () => {
  const name = `${client.user?.name}'s match`;
  await client.create(name, { type: "match" }).catch(() => {});
  play(await client.join<typeof match>(name));
};
$("leave").onclick = () => {
  location.hash = "";
  room?.leave();
};
$("again").onclick = () => (room as Room<typeof match>).request("again").catch(tell);

/** Follows the list of matches; a page that was reloaded in a match goes on with it. */
async function enter() {
  $("login").hidden = true;
  // Before anything is waited for: what comes meanwhile would find nobody listening.
  const [joined] = client.rooms.values();
  if (joined) play(joined as Room<typeof match>);
  const { rooms } = await client.listRooms({ type: "match", live: true });
  for (const listed of rooms) matches.set(listed.name, listed);
  // What a page watches stands in its address, so that a reload goes on with that, too; the board comes with a new beginning.
  const watched = decodeURIComponent(location.hash.slice(1));
  if (!room && matches.has(watched)) {
    await (await client.subscribe(watched)).leave();
    play(await client.subscribe(watched));
  }
  if (!room) showLobby();
}

function play(entered: Room<typeof match> | WatchedRoom) {
  room = entered;
  state = entered.data;
  entered.messages.on("match", (now) => {
    state = now as Match;
    showMatch();
  });
  entered.on("end", ({ reason }) => {
    room = state = undefined;
    if (reason) tell({ message: reason });
    showLobby();
  });
  for (const event of ["disconnect", "reconnect", "leave"] as const) entered.on(event, showMatch);
  showMatch();
}

function showLobby() {
  $("lobby").hidden = room !== undefined;
  $("match").hidden = room === undefined;
  $("none").hidden = matches.size > 0;
  $("matches").replaceChildren(
    ...[...matches.values()].map(({ name, users, meta }) => {
      const line = document.createElement("li");
      const players: string[] = meta?.players ?? [];
      line.append(
        Object.assign(document.createElement("span"), { textContent: players.join(" – ") || name }),
      );
      const isOpen = users < 2;
      const button = Object.assign(document.createElement("button"), {
        textContent: isOpen ? "Join" : "Watch",
      });
      button.onclick = async () => {
        if (isOpen) return play(await client.join<typeof match>(name));
        location.hash = encodeURIComponent(name);
        play(await client.subscribe(name));
      };
      line.append(button);
      return line;
    }),
  );
}

function showMatch() {
  $("lobby").hidden = true;
  $("match").hidden = false;
  if (!state || !room) return;
  const { board, seats, turn, end } = state;
  const mine = seats.find(({ user }) => user === client.user?.id)?.mark;
  const away = room.users.find(({ connected }) => connected === false);
  $("status").textContent = away
    ? `${away.name} has lost the connection; waiting.`
    : end
      ? `${end.winner ? `${end.winner} wins. ` : ""}${end.reason}`
      : turn === null
        ? "Waiting for somebody to play with."
        : turn === mine
          ? `Your move: you are ${mine}.`
          : // Edit this line and watch: a page loads itself again, and the game goes on.
            `${seats.find(({ mark }) => mark === turn)?.name} (${turn}) is to move.`;
  $("again").hidden = !end || mine === undefined || seats.length < 2;
  $("board").replaceChildren(
    ...Array.from({ length: COLUMNS }, (_, column) => {
      const button = document.createElement("button");
      button.ariaLabel = `column ${column + 1}`;
      button.disabled = turn !== mine || mine === undefined || !isFree(board, column);
      button.onclick = () => (room as Room<typeof match>).request("drop", { column }).catch(tell);
      for (let row = 0; row < ROWS; row++) {
        const isWon = end?.line.some(([c, r]) => c === column && r === row);
        const className = `${board[column]?.[row] ?? ""}${isWon ? " won" : ""}`;
        button.append(Object.assign(document.createElement("i"), { className }));
      }
      return button;
    }),
  );
}

function tell({ message }: { message: string }) {
  $("status").textContent = message;
}

$("wait").remove();
$("login").querySelector("button")?.removeAttribute("disabled");
if (client.user) await enter();
