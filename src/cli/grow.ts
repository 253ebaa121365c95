import { messageOf } from "../core/errors.ts";
import { printableLines } from "../core/printable.ts";
import { growApplication } from "../source/editor/grow.ts";
import type { Config } from "./config.ts";

/** Makes a folder of an application in one file, and prints what was made; resolves with the exit status. */
export async function grow({ extensions }: Config, name: string): Promise<number> {
  try {
    const made = await growApplication(extensions, name);
    console.log(printableLines(`Made in ${extensions}: ${made.join(", ")}`));
    return 0;
  } catch (error) {
    console.error(printableLines(messageOf(error)));
    return 1;
  }
}
