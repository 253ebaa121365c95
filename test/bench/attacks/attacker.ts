/** The process of one attack: `attacker.ts <name> <port> <folder>` prints a line once it is under way, and goes on until killed. */
import { attacks } from "./attacks.ts";

const [name, port, folder = ""] = process.argv.slice(2);
const attack = attacks.find((each) => each.name === name);
if (!attack) throw new Error(`There is no attack "${name}".`);
// Where a server turns the attacker away, that is no failure of the attack.
process.on("unhandledRejection", () => {});
await attack.begin({ port: Number(port), folder });
console.log("under way");
setInterval(() => {}, 1000);
