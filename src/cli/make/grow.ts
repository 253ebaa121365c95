import { messageOf } from "../../core/errors.ts";
import { printableLines } from "../../core/printable.ts";
import { tethered } from "../../process/parent_tether.ts";
import { Stripper } from "../../source/compile/stripper.ts";
import { growApplication } from "../../source/editor/grow.ts";
import type { Config } from "../config.ts";

/** Makes a folder of an application in one file, and prints what was made; resolves with the exit status. */
export async function grow({ extensions }: Config, name: string): Promise<number> {
  const stripper = new Stripper({ tether: tethered });
  try {
    const { made, exporting, stale } = await growApplication(extensions, name, stripper);
    console.log(printableLines(`Made in ${extensions}: ${made.join(", ")}`));
    if (exporting)
      console.log(
        printableLines(
          `Its settings are in ${name}/hotroom.json now: delete those that ${exporting} exports.`,
        ),
      );
    for (const { file, old, now } of stale)
      console.log(printableLines(`${file} still says "${old}": that is "${now}" now.`));
    return 0;
  } catch (error) {
    console.error(printableLines(messageOf(error)));
    return 1;
  } finally {
    stripper.close();
  }
}
