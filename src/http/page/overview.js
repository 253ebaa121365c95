/** The left half of the page: what runs on the server, asked for again and again. */
import { byId, element } from "./element.js";

/** Between two questions, ms. */
const INTERVAL_MS = 1500;
// In this module's memory only: pages of applications share all that browsers keep for this origin.
const keyElement = document.querySelector("meta[name=hotroom-key]");
const key = keyElement.content;
keyElement.remove();
const place = byId("applications");
const status = byId("server");
let shown = "";
let timer;

const ask = async () => {
  clearTimeout(timer);
  if (!document.hidden) await refresh();
  clearTimeout(timer);
  timer = setTimeout(ask, INTERVAL_MS);
};

async function refresh() {
  try {
    const headers = { "x-hotroom-key": key };
    const response = await fetch("/api/applications", { headers, signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    if (response.ok) show(text);
    else refused(response.status, JSON.parse(text).error.message);
  } catch {
    setStatus("lost", "The server does not answer; trying again…");
  }
}

function refused(code, message) {
  const form = byId("token-form");
  form.hidden = code !== 401;
  shown = "";
  place.replaceChildren(code === 401 ? "" : element("p", { className: "empty", textContent: message }));
  setStatus("", code === 401 ? "The list of applications is for admins; the playground works without." : "");
}

byId("token-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify({ secret: byId("token").value });
  byId("token").value = "";
  const headers = { "content-type": "application/json" };
  const response = await fetch("/console/session", { method: "POST", headers, body });
  if (response.ok) location.reload();
  else byId("token-hint").textContent = (await response.json()).error.message;
});

function show(text) {
  byId("token-form").hidden = true;
  const { server, applications } = JSON.parse(text);
  const ready = server.hosts.filter(({ state }) => state === "ready" || state === "busy").length;
  const hosts =
    server.hosts.length === 0 ? "" : ` · ${ready} of ${counted(server.hosts.length, "script host")} up`;
  const runtime = `${server.runtime} ${server.runtimeVersion}`;
  const uptime = server.state === "ready" ? `up ${duration(server.startedAt)}` : server.state;
  setStatus(server.state, `${server.version} on ${runtime} · ${uptime}${hosts}`);
  for (const live of place.querySelectorAll("[data-since]"))
    live.textContent = duration(Number(live.dataset.since));

  // Only what has changed is drawn again, so that a selection or a focused button stays.
  const drawn = JSON.stringify(applications);
  if (drawn === shown) return;
  shown = drawn;
  const focused = document.activeElement?.dataset?.key;
  if (applications.length === 0) {
    place.replaceChildren(
      element("p", {
        className: "empty",
        textContent: "None yet. Put a script into the extensions folder: it starts when you save it.",
      }),
    );
  } else place.replaceChildren(...applications.map(card));
  if (focused) place.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  fill(
    "application-names",
    applications.map(({ name }) => name),
  );
  document.dispatchEvent(new CustomEvent("applications", { detail: applications }));
}

function setStatus(state, text) {
  if (status.textContent === text && status.className === state) return;
  status.className = state;
  status.textContent = text;
}

function card(application) {
  const { name, version, since, error, rooms, roomCount, userCount, connectionCount } = application;
  const failed = application.status === "failed";
  const state = failed ? "failed" : error ? "broken" : "running";
  const words = { failed: "not running", broken: "running, newest edit is broken", running: "running" };
  const counts = [
    counted(userCount, "user"),
    counted(connectionCount, "connection"),
    counted(roomCount, "room"),
  ].join(" · ");
  return element(
    "article",
    { data: { application: name } },
    element(
      "div",
      { className: "title" },
      element("h3", { textContent: name }),
      version && element("span", { className: "version", textContent: version }),
      element(
        "span",
        { className: "end" },
        element("span", { className: `state ${state}`, textContent: words[state] }),
        !failed && use(name),
      ),
    ),
    !failed &&
      element(
        "p",
        { className: "facts" },
        `${counts} · live for `,
        element("span", { data: { since }, textContent: duration(since) }),
      ),
    error && failure(error, failed ? "" : ` Still running ${version}.`),
    rooms.length > 0 && roomTable(application, rooms),
    roomCount > rooms.length &&
      element("p", { className: "hint", textContent: `and ${roomCount - rooms.length} more rooms` }),
  );
}

function use(application, room) {
  const label =
    room === undefined
      ? `Use ${application} in the playground`
      : `Use room ${room} of ${application} in the playground`;
  return element("button", {
    type: "button",
    className: "quiet small",
    textContent: "Use",
    ariaLabel: label,
    data: { key: JSON.stringify([application, room]) },
    on: { click: () => document.dispatchEvent(new CustomEvent("use", { detail: { application, room } })) },
  });
}

/** Where a broken edit is broken: `rooms/match.ts:12:5`, the line, a caret under the column. */
function failure({ message, position, sourceLine, sourceColumn }, aside) {
  const where = position && `${position.file}:${position.line}:${position.column}`;
  const place = where && element("code", { className: "where", textContent: where });
  let source;
  if (position && sourceLine !== undefined) {
    const gutter = `${position.line} │ `;
    const lead = sourceLine.slice(0, (sourceColumn ?? position.column) - 1).replace(/[^\t]/g, " ");
    source = element("pre", { textContent: `${gutter}${sourceLine}\n${" ".repeat(gutter.length)}${lead}^` });
  }
  const text = element("p", {}, place, place && " ", element("strong", { textContent: message }), aside);
  return element("div", { className: "failure" }, text, source);
}

function roomTable(application, rooms) {
  const head = ["Room", "Type", "Users"].map((title) => element("th", { scope: "col", textContent: title }));
  return element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...head, element("td"))),
    element("tbody", {}, ...rooms.map((room) => roomRow(application, room))),
  );
}

function roomRow(application, { name, type, version, users, userCount, maxUsers }) {
  const names = users.map((user) => user.name).join(", ");
  const more = userCount > users.length ? ` and ${userCount - users.length} more` : "";
  const pinned = version !== application.version;
  return element(
    "tr",
    { data: { room: name } },
    element("td", { textContent: name }),
    element("td", {}, type, pinned && element("span", { className: "version", textContent: ` ${version}` })),
    element(
      "td",
      {},
      element("span", {
        className: "number",
        textContent: maxUsers === null ? userCount : `${userCount} of ${maxUsers}`,
      }),
      element("span", { className: "faint", textContent: names + more }),
    ),
    element("td", { className: "action" }, use(application.name, name)),
  );
}

function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function duration(since) {
  const seconds = Math.max(0, Math.round((Date.now() - since) / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

function fill(list, names) {
  byId(list).replaceChildren(...names.map((value) => element("option", { value })));
}

document.addEventListener("visibilitychange", ask);
addEventListener("focus", ask);
ask();
