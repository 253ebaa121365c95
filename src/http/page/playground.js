/** The right half of the page: a client by hand, made with the SDK that applications use, showing every frame. */
import { connect } from "/client.js";
import { byId, element } from "./element.js";

/** Lines that the log keeps. */
const MOST_LINES = 500;
const log = byId("log");
let client;
let applications = [];
/** Rooms that are joined or watched, each with how. */
const entered = new Set();

// ---------------------------------------------------------------- what the user does

submit("connect-form", async () => {
  if (client) return client.close();
  const address = `/ws/${encodeURIComponent(byId("application").value.trim())}`;
  byId("connect").disabled = true;
  try {
    client = await connect(address);
  } catch (error) {
    const name = byId("application").value.trim();
    throw applications.some((one) => one.name === name)
      ? error
      : new Error(`Cannot connect: there is no application "${name}".`);
  } finally {
    byId("connect").disabled = false;
  }
  client.on("frame", (direction, frame) => write(direction, shown(frame)));
  client.on("error", (error) => complain(error));
  client.on("away", ({ code, reason }) => write("note", `connection lost: ${code} ${reason}; coming back`));
  client.on("back", ({ outcome, missed }) => {
    write("note", `back: ${outcome}, ${missed} missed`);
    draw();
  });
  // A script may put the user into a room.
  client.on("joined", (room) => enter(room, false));
  client.closed.then(({ code, reason }) => {
    client = undefined;
    entered.clear();
    write("note", `connection closed: ${code} ${reason}`);
    draw();
  });
  write("note", `connected to ${client.url}`);
  byId("name").focus();
});

submit("login-form", async () => {
  if (client.user) {
    await client.logout();
    entered.clear();
    return;
  }
  const name = byId("name").value;
  await client.login({ ...(name === "" ? {} : { name }), ...json("login-data") });
  byId("room").focus();
});

submit("room-form", async (button) => {
  const name = byId("room").value.trim();
  const password = byId("room-password").value;
  const data = json("room-data");
  const secret = password === "" ? {} : { password };
  if (button === "create") {
    const type = byId("room-type").value.trim();
    await client.create(name, {
      ...(type === "" ? {} : { type }),
      ...secret,
      ...(data === undefined ? {} : { data }),
    });
    return;
  }
  const sent = password === "" ? data : { ...data, ...secret };
  const room = button === "watch" ? await client.subscribe(name, sent) : await client.join(name, sent);
  enter(room, button === "watch");
  byId("type").focus();
});

submit("message-form", async () => {
  const to = byId("target").value;
  const target = to === "" ? client : client.rooms.get(to);
  const type = byId("type").value.trim();
  const data = json("data");
  if (byId("reply").checked) await target.request(type, data);
  else target.send(type, data);
});

byId("clear").addEventListener("click", () => log.replaceChildren());

document.addEventListener("applications", ({ detail }) => {
  applications = detail;
  offerRooms();
});
document.addEventListener("use", ({ detail: { application, room } }) => {
  byId("application").value = application;
  if (room !== undefined) byId("room").value = room;
  offerRooms();
  byId(client ? (client.user ? "room" : "name") : "connect").focus();
});
byId("application").addEventListener("input", offerRooms);

// ---------------------------------------------------------------- what is shown

/** Shows a room that is joined or watched, until it ends. */
function enter(room, watching) {
  const entry = { room, watching };
  entered.add(entry);
  room.on("join", draw);
  room.on("leave", draw);
  room.on("disconnect", draw);
  room.on("reconnect", draw);
  room.on("end", () => {
    entered.delete(entry);
    draw();
  });
  draw();
  if (!watching) byId("target").value = room.name;
}

/** Runs a form's action; whatever it throws is shown, beside the frame that says so. */
function submit(form, action) {
  byId(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    complain();
    try {
      await action(event.submitter?.value);
    } catch (error) {
      complain(error);
    }
    draw();
  });
}

function complain(error) {
  byId("problem").textContent = error ? error.message : "";
}

/** The value that a field holds as JSON; undefined where it is empty. */
function json(field) {
  const input = byId(field);
  const text = input.value.trim();
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    input.focus();
    throw new Error(`Cannot read the data: it is not JSON (${error.message}).`);
  }
}

function draw() {
  const user = client?.user;
  byId("connect").textContent = client ? "Disconnect" : "Connect";
  byId("connect").classList.toggle("quiet", client !== undefined);
  byId("application").readOnly = client !== undefined;
  byId("login-fields").disabled = !client;
  byId("login").textContent = user ? "Log out" : "Log in";
  byId("login").classList.toggle("quiet", user !== undefined);
  byId("name").readOnly = byId("login-data").readOnly = user !== undefined;
  byId("room-fields").disabled = byId("message-fields").disabled = !user;
  byId("rooms").replaceChildren(...[...entered].map(roomItem));
  drawTargets();
}

function roomItem({ room, watching }) {
  const names =
    room.users.map(({ name, connected }) => (connected ? name : `${name} (away)`)).join(", ") || "nobody";
  const leave = element("button", {
    type: "button",
    className: "quiet small",
    textContent: watching ? "Stop" : "Leave",
    ariaLabel: `${watching ? "Stop watching" : "Leave"} ${room.name}`,
    on: { click: () => room.leave().catch(complain) },
  });
  const users = element("span", {
    className: "faint",
    textContent: `${watching ? "watching: " : ""}${names}`,
  });
  return element(
    "li",
    { data: { room: room.name } },
    element("strong", { textContent: room.name }),
    users,
    leave,
  );
}

function drawTargets() {
  const target = byId("target");
  const chosen = target.value;
  const rooms = [...(client?.rooms.keys() ?? [])];
  target.replaceChildren(
    ...rooms.map((name) => element("option", { value: name, textContent: `room ${name}` })),
    element("option", { value: "", textContent: "the application" }),
  );
  target.value =
    chosen === "" && rooms.length > 0 ? chosen : rooms.includes(chosen) ? chosen : (rooms[0] ?? "");
}

function offerRooms() {
  const rooms = applications.find(({ name }) => name === byId("application").value)?.rooms ?? [];
  byId("room-names").replaceChildren(...rooms.map(({ name }) => element("option", { value: name })));
}

const arrows = { in: ["↓", "received"], out: ["↑", "sent"], note: ["·", "note"] };

function write(kind, text) {
  const [arrow, word] = arrows[kind];
  const now = new Date();
  const failed = kind === "in" && /^\{"(?:id":[^,]+,"ok":false|event":"error")/.test(text);
  const line = element(
    "li",
    { className: failed ? `${kind} error` : kind },
    element("time", { dateTime: now.toISOString(), textContent: now.toTimeString().slice(0, 8) }),
    element("span", {
      className: "direction",
      textContent: arrow,
      title: word,
      ariaLabel: word,
      role: "img",
    }),
    // A session is the right to be this user: it has no place on a shared screen.
    element("span", { className: "text", textContent: text.replace(/("session":")[^"]+/, "$1…") }),
  );
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  log.append(line);
  while (log.childElementCount > MOST_LINES) log.firstElementChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
}

draw();

/** Returns a frame as it is shown: of a binary one the header, and how many bytes it has. */
function shown(frame) {
  if (typeof frame === "string") return frame;
  const end = frame.indexOf(0);
  return `${new TextDecoder().decode(frame.subarray(0, end))} + ${frame.length - end - 1} bytes`;
}
