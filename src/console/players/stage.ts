/** Who plays which application, kept while the page is open so that looking elsewhere ends nobody's game. */
import { type Signal, signal } from "@preact/signals";
import { Player } from "./player.ts";

/** A frame with an application's own page. */
export interface PageFrame {
  readonly id: number;
}

/** What stands side by side for one application. */
export interface Stage {
  readonly players: Signal<readonly Player[]>;
  readonly frames: Signal<readonly PageFrame[]>;
  /** The room that new players join. */
  readonly room: Signal<string>;
  /** What the last login by a form was given beside the name, JSON or nothing: new players log in by it, too. */
  readonly login: Signal<string>;
}

/** Players, and frames, that one application may have. */
export const MOST_BESIDE = 12;

const stages = new Map<string, Stage>();
let framesMade = 0;

/** The stage of an application. */
export function stageOf(application: string): Stage {
  const known = stages.get(application);
  if (known) return known;
  const made = { players: signal([]), frames: signal([]), room: signal(""), login: signal("") };
  stages.set(application, made);
  return made;
}

/** Adds a player who logs in by a name of its own, and joins the stage's room where there is one. */
export async function addPlayer(application: string): Promise<void> {
  const { players, room, login } = stageOf(application);
  if (players.value.length >= MOST_BESIDE) return;
  const player = new Player(application);
  players.value = [...players.value, player];
  try {
    await player.loginByAnyName(dataOf(login.value));
    if (room.value !== "") await player.enter({ how: "join", room: room.value });
  } catch (error) {
    player.problem.value = (error as Error).message;
  }
}

/** Logs a player in by what was typed for it, as `addPlayer` does. Rejects with SyntaxError, or HotroomClientError. */
export async function logIn(player: Player, text: string): Promise<void> {
  const { room, login } = stageOf(player.application);
  await player.login(dataOf(text));
  login.value = text;
  if (room.value !== "") await player.enter({ how: "join", room: room.value });
}

function dataOf(text: string): unknown {
  return text.trim() === "" ? undefined : JSON.parse(text);
}

/** Takes a player away; its session ends. */
export function removePlayer(player: Player): void {
  const { players } = stageOf(player.application);
  player.close();
  players.value = players.value.filter((one) => one !== player);
}

/** Adds the application's page, where there is room for it. */
export function addFrame(application: string): void {
  const { frames } = stageOf(application);
  if (frames.value.length < MOST_BESIDE) frames.value = [...frames.value, { id: ++framesMade }];
}

/** Takes a page away. */
export function removeFrame(application: string, frame: PageFrame): void {
  const { frames } = stageOf(application);
  frames.value = frames.value.filter((one) => one !== frame);
}
