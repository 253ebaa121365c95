/** The quiz as its players see it; the host has one button more. */
import { connect } from "/client.js";

const $ = (id) => document.getElementById(id);
const client = await connect("/ws/quiz", { store: true });
const tell = ({ message }) => ($("status").textContent = message);
client.on("edit", () => location.reload());
client.on("away", () =>
  tell({ message: "The connection is lost; the quiz waits for nobody, but your answer is sent." }),
);
client.on("back", () => tell({ message: "" }));

$("login").onsubmit = async (event) => {
  event.preventDefault();
  const { name, round } = Object.fromEntries(new FormData(event.target));
  try {
    if (!client.user) await client.login({ name });
    play(await client.join(round));
  } catch (error) {
    tell(error);
  }
};
const [kept] = client.rooms.values();
if (kept) play(kept);
else {
  $("login").querySelector("button").disabled = false;
  tell({ message: "" });
}

function play(round) {
  $("login").hidden = true;
  document.querySelector("main").hidden = false;
  tell({ message: "" });
  const host = () => {
    $("host").textContent = round.users[0]?.name;
    $("ask").hidden = round.users[0]?.id !== client.user?.id;
  };
  host();
  for (const event of ["join", "leave"]) round.on(event, host);
  $("ask").onclick = () => round.request("ask").catch(tell);
  round.messages.on("question", ({ text, choices }) => {
    $("question").textContent = text;
    tell({ message: "" });
    $("choices").replaceChildren(
      ...choices.map((textContent, choice) => {
        const button = Object.assign(document.createElement("button"), { textContent });
        button.onclick = () =>
          round.request("answer", { choice }).then(() => button.classList.add("chosen"), tell);
        return button;
      }),
    );
  });
  round.messages.on("answer", ({ right, gained }) => {
    const points = gained.map(({ name, points }) => `${name} +${points}`).join(", ") || "nobody had it";
    $("question").textContent = `It is ${right}: ${points}.`;
    $("choices").replaceChildren();
  });
  client.messages.on("leaderboard", show);
  client.request("leaderboard").then(show, tell);
}

function show(scores) {
  $("scores").replaceChildren(
    ...scores.map(([name, points]) =>
      Object.assign(document.createElement("li"), { textContent: `${name}: ${points}` }),
    ),
  );
}
