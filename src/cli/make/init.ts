import { messageOf } from "../../core/errors.ts";
import { clientTypesText } from "../../http/assets.ts";
import { writeStarter } from "../../source/editor/starter.ts";

/**
 * Makes an extensions folder with types for editors and, where it has no application, a first one; resolves with the exit
 * status.
 */
export async function init(folder: string): Promise<number> {
  try {
    const made = await writeStarter(folder, clientTypesText);
    const where = folder === "./extensions" ? "" : ` --extensions ${folder}`;
    console.log(
      made.length > 0
        ? `Made in ${folder}: ${made.join(", ")}\nTo serve it while you edit: hotroom dev${where}`
        : `${folder} is set up already; its types are up to date.`,
    );
    return 0;
  } catch (error) {
    console.error(`Cannot set up ${folder}: ${messageOf(error)}`);
    return 1;
  }
}
