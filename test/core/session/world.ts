/** A world of clients and rooms in which chance decides what happens next, and what each must have got when all is over. */
import { expect } from "bun:test";
import type { Effect } from "../../../src/core/ports/effect.ts";
import type { ScriptEvent } from "../../../src/core/ports/event.ts";
import { Random } from "../../torture/random.ts";
import { Player } from "./player.ts";
import { Stage } from "./stage.ts";

const STEPS = 3000;

/** What a player must have got, unless it was told that something is lost. */
interface Expected {
  readonly step: number;
  /** Room, or null where it is about none or an answer. */
  readonly room: string | null;
  /** `say 7`, or `answer a7`. */
  readonly key: string;
}

/** One run of the world, from a seed. */
export class World {
  readonly random: Random;
  readonly stage: Stage;
  readonly players: Player[];
  readonly expected = new Map<string, Expected[]>();
  /** What scripts were asked, by player and room, in order. */
  readonly handled = new Map<string, number[]>();
  readonly sent = new Map<string, number[]>();
  step = 0;
  #last = 0;

  constructor(
    seed: number,
    readonly isTight: boolean,
  ) {
    this.random = new Random(seed);
    const session = isTight
      ? { grace: 1e9, history: 4 + this.random.below(30), historyBytes: 500 + this.random.below(5000) }
      : { grace: 1e9, history: 10_000, historyBytes: 1e7 };
    const history = isTight && this.random.below(2) === 0 ? 3000 + this.random.below(9000) : 64 * 1024 * 1024;
    const outbox = this.random.pick([isTight ? 20_000 : 2000, 10_000, 1024 * 1024]);
    this.stage = new Stage({ session, emptyGrace: 1e9 }, { history, outbox }, (room, event) =>
      this.#answer(room, event),
    );
    this.players = ["ann", "bob", "cat", "dan"].map((name) => new Player(name, this.stage));
  }

  async run(): Promise<void> {
    for (const player of this.players) player.login();
    for (this.step = 0; this.step < STEPS; this.step++) {
      this.#act();
      if (this.random.below(4) === 0) await this.stage.settled();
    }
    await this.#calm();
  }

  #act(): void {
    const player = this.random.pick(this.players);
    switch (
      this.random.weighted({
        serve: 25,
        read: 30,
        answer: 25,
        ask: 18,
        wide: 2,
        ack: 2,
        drop: 3,
        back: 4,
        time: 3,
      })
    ) {
      case "serve":
        return player.serve(this.step);
      case "read":
        return player.read();
      case "answer":
        return this.stage.answer((count) => this.random.below(count));
      case "ask":
        return player.isIn ? this.#ask(player) : undefined;
      case "wide": {
        const n = ++this.#last;
        for (const user of this.stage.application.users.values()) this.#expect(user.name, null, `wide ${n}`);
        return this.stage.application.broadcast({ event: "message", type: "wide", data: String(n) });
      }
      case "ack":
        return player.isIn ? player.acknowledge() : undefined;
      case "drop":
        return player.id === "" ? undefined : player.drop(this.random.below(2) === 0);
      case "back": {
        if (player.id === "" || (player.link && this.random.below(4) > 0)) return;
        return player.comeBack(this.random.below(8) === 0 ? this.random.below(player.seen + 1) : player.seen);
      }
      case "time":
        player.zombies.shift()?.ended();
        return this.stage.clock.advance(this.random.below(2000));
    }
  }

  #ask(player: Player): void {
    const room = this.random.pick(["north", "south", "west"]);
    const n = ++this.#last;
    const id = `a${n}`;
    const kind = this.random.weighted({ say: 8, others: 4, tell: 4, join: 4, leave: 1 });
    if (kind === "join" || kind === "leave") {
      this.#expect(player.name, null, `answer ${id}`);
      return player.send({ event: kind, id, room });
    }
    this.#expect(player.name, null, `answer ${id}`);
    const key = `${player.name} ${room}`;
    this.sent.set(key, [...(this.sent.get(key) ?? []), n]);
    player.send({
      event: "message",
      id,
      room,
      type: kind,
      data: { n, pad: "x".repeat(this.random.below(300)) },
    });
  }

  /** The script of a room, which notes who is to hear of what it sends. */
  #answer(name: string, event: ScriptEvent & { kind: "message" }): { value: string; effects: Effect[] } {
    const { n } = JSON.parse(event.data ?? "{}");
    const room = this.stage.application.rooms.get(name);
    const sender = this.stage.application.users.get(event.user)?.name ?? "";
    const key = `${sender} ${name}`;
    this.handled.set(key, [...(this.handled.get(key) ?? []), n]);
    const members = [...(room?.members.values() ?? [])];
    const { type, data } = event;
    const hear = (names: readonly string[]) => {
      for (const each of names) this.#expect(each, name, `${type} ${n}`);
    };
    if (type === "tell") {
      const to = members.filter(() => this.random.below(2) === 0).map((each) => each.name);
      hear(to);
      return { value: "1", effects: [{ kind: "send", to, type, data }] };
    }
    const except = type === "others" ? [sender] : [];
    hear(members.map((each) => each.name).filter((each) => !except.includes(each)));
    return { value: "1", effects: [{ kind: "broadcast", type, data, except }] };
  }

  #expect(name: string, room: string | null, key: string): void {
    this.expected.set(name, [...(this.expected.get(name) ?? []), { step: this.step, room, key }]);
  }

  /** Everybody is back, and everything has arrived. */
  async #calm(): Promise<void> {
    for (let quiet = 0, rounds = 0; quiet < 5; rounds++) {
      if (rounds > 5000) throw new Error("It does not come to rest.");
      let isQuiet = true;
      for (const player of this.players) {
        for (const zombie of player.zombies.splice(0)) zombie.ended();
        if (!player.link) player.comeBack();
        while (player.link && (player.link.toServer.length > 0 || player.link.toClient.length > 0)) {
          isQuiet = false;
          player.serve(this.step);
          player.read();
        }
        if (player.link?.closeCode !== undefined) player.read();
        if (!player.isIn) isQuiet = false;
      }
      if (this.stage.waiting > 0) isQuiet = false;
      this.stage.answer();
      this.stage.clock.advance(1500);
      await this.stage.settled();
      quiet = isQuiet ? quiet + 1 : 0;
    }
  }

  check(): void {
    for (const player of this.players) {
      const keys = player.got.map(({ id, type, data }) =>
        id === undefined ? `${type} ${typeof data === "object" ? data?.n : data}` : `answer ${id}`,
      );
      const expected = this.expected.get(player.name) ?? [];
      const wanted = new Set(expected.map(({ key }) => key));
      const told = keys.filter((key) => wanted.has(key));
      expect([player.name, told.length]).toEqual([player.name, new Set(told).size]);
      const got = new Set(told);
      const missing = expected.filter(({ key }) => !got.has(key));
      const silent = missing.filter(
        ({ step, room }) => !player.losses.some((loss) => loss.step >= step && loss.rooms.includes(room)),
      );
      expect([player.name, silent]).toEqual([player.name, []]);
      // Frames of one room come in the order in which its script sent them; answers, which are asked for earlier, are not compared.
      for (const room of ["north", "south", "west", null]) {
        const inOrder = expected.filter(
          (each) => each.room === room && got.has(each.key) && !each.key.startsWith("answer"),
        );
        const own = new Set(inOrder.map(({ key }) => key));
        expect(told.filter((key) => own.has(key))).toEqual(inOrder.map(({ key }) => key));
      }
    }
    // A message to a room that its sender was not in is answered, and no script hears of it.
    for (const [key, sent] of this.sent) {
      const heard = this.handled.get(key) ?? [];
      expect([key, heard]).toEqual([key, sent.filter((n) => heard.includes(n))]);
    }
  }
}
