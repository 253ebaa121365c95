import type { Player } from "../player.ts";

/** Does what a form asks for; what goes wrong stands on the player's card. */
export async function tried(player: Player, task: () => Promise<unknown>): Promise<void> {
  player.problem.value = "";
  try {
    await task();
  } catch (error) {
    const { message } = error as Error;
    player.problem.value = error instanceof SyntaxError ? `The data is not JSON: ${message}` : message;
  }
}
