/** Chance drives links that fail, clients that come back, and histories that run over; the rules hold whatever it does. */
import { expect, test } from "bun:test";
import { World } from "./world.ts";

/** Seeds that once found something, and some others. */
const kept = [1, 2, 3, 5, 13, 39_320, 96_163, 237_758, 563_436, 741_105];
const chance = Math.floor(Math.random() * 1e6);

test.each([...kept, chance, chance + 1, chance + 2, chance + 3])(
  "[P136, P137, P140] nothing is lost, repeated or reordered, whatever happens to links: seed %i",
  async (seed) => {
    const world = new World(seed, false);
    await world.run();
    world.check();
    // Only who says that it has seen less than it said before can have lost something.
    const losses = world.players.flatMap((player) => player.losses);
    expect(losses.filter(({ isHonest }) => isHonest)).toEqual([]);
    expect(world.players.reduce((sum, { resumes }) => sum + resumes, 0)).toBeGreaterThan(20);
  },
);

test.each([...kept, chance, chance + 1, chance + 2, chance + 3])(
  "[P138, P145] what a history has not kept is told, and nothing else is missing: seed %i",
  async (seed) => {
    const world = new World(seed, true);
    await world.run();
    world.check();
    const { histories, application } = world.stage;
    for (const user of [...application.users.values()]) await leave(world, user.name);
    expect(histories.bytes).toBe(0);
  },
);

async function leave(world: World, name: string): Promise<void> {
  const player = world.players.find((each) => each.name === name);
  player?.link?.ended(1000);
  for (let n = 0; n < 50; n++) {
    world.stage.answer();
    await world.stage.settled();
  }
}
