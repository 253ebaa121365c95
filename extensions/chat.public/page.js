/** Shows what is said, and who is here or away. What begins with / is a command. */
import { connect } from "/client.js";

const $ = (id) => document.getElementById(id);
// The session is kept in the tab: after a reload one is still there.
const client = await connect("/ws/chat", { store: true });
client.on("edit", () => {
  sessionStorage.setItem("half said", $("text").value);
  location.reload();
});
client.on("away", () => tell("The connection is lost. What you say waits."));
client.on("back", () => tell(""));
let room;

$("login").onsubmit = async (event) => {
  event.preventDefault();
  const { name, room: where, key } = Object.fromEntries(new FormData(event.target));
  try {
    if (!client.user) await client.login({ name });
    enter(await client.join(where, key ? { key } : undefined));
  } catch (error) {
    tell(error.message);
  }
};
const [kept] = client.rooms.values();
if (kept) {
  enter(kept);
  kept.request("history").then(again);
} else {
  $("login").querySelector("button").disabled = false;
  tell("");
}

function enter(joined) {
  room = joined;
  tell("");
  $("login").hidden = true;
  document.querySelector("main").hidden = false;
  $("text").value = sessionStorage.getItem("half said");
  sessionStorage.removeItem("half said");
  room.messages.on("history", again);
  room.messages.on("said", said);
  room.messages.on("whispered", ({ from, text }) => show("whisper", `${from} whispers: ${text}`));
  room.messages.on("notice", ({ text }) => show("notice", text));
  room.messages.on("removed", ({ id }) => document.querySelector(`[data-id="${id}"]`)?.remove());
  for (const event of ["join", "leave", "disconnect", "reconnect"]) room.on(event, users);
  room.on("end", ({ reason }) => tell(`You are out of the room: ${reason ?? "it is closed"}`));
  users();
}

const commands = {
  whisper: (to, ...words) => ["whisper", { to, text: words.join(" ") }],
  mute: (name, seconds = 60) => ["mute", { name, seconds: Number(seconds) }],
  ban: (name, ...reason) => ["ban", { name, reason: reason.join(" ") || undefined }],
  remove: (id) => ["remove", { id: Number(id) }],
};

$("say").onsubmit = async (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (!text) return;
  const [, command, rest = ""] = text.match(/^\/(\w+) ?(.*)$/) ?? [];
  $("text").value = "";
  try {
    await room.request(...(commands[command]?.(...rest.split(" ")) ?? ["say", { text }]));
    tell("");
  } catch (error) {
    // Said anew by Enter, unless something else is being written.
    $("text").value ||= text;
    tell(error.message);
  }
};

function again(lines) {
  $("lines").replaceChildren();
  lines.forEach(said);
}

function said({ id, from, text, at }) {
  const line = show("said", `${from}: ${text}`);
  line.dataset.id = id;
  line.title = `line ${id}, ${new Date(at).toLocaleTimeString()}`;
}

function show(className, textContent) {
  const line = Object.assign(document.createElement("li"), { className, textContent });
  $("lines").append(line);
  line.scrollIntoView();
  return line;
}

function users() {
  $("users").replaceChildren(
    ...room.users.flatMap(({ name, connected }, n) => {
      const className = connected === false ? "away" : "";
      const user = Object.assign(document.createElement("span"), { textContent: name, className });
      return n ? [", ", user] : [user];
    }),
  );
}

function tell(text) {
  $("status").textContent = text;
}
