import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { kept } from "./results.ts";
import { figure } from "./table.ts";
import { type Measured, shapes } from "./throughput.ts";

const target = join(import.meta.dir, "../../docs/performance.svg");

const WIDTH = 760;
const LEFT = 110;
const BAR = 18;
const ROW = 26;
const PANEL = 46;
const INK = "#1f2430";
const FAINT = "#6b7280";

/** Draws docs/performance.svg from what the throughput scenario kept last, and from nothing else. */
export async function plot(): Promise<void> {
  const { measured, caveats, cores, bun } = kept<{ rounds: number; rows: Measured[] }>("throughput");
  const parts: string[] = [];
  let y = 58;
  for (const { rooms, members } of shapes) {
    const rows = measured.rows.filter((row) => row.shape === `${rooms} × ${members}`);
    parts.push(
      text(12, y + 14, `${rooms} ${rooms === 1 ? "room" : "rooms"} × ${members}`, "font-weight='600'"),
    );
    y += 24;
    for (const row of rows) {
      parts.push(bar(row, y, Math.max(...rows.map((each) => each.deliveries.most))));
      y += ROW;
    }
    y += PANEL - ROW;
  }
  const notes = [
    `${cores} cores, load generator included; Bun ${bun}; ${measured.rounds} rounds`,
    ...caveats,
  ];
  for (const note of notes) {
    parts.push(text(12, y + 4, note, `fill='${FAINT}'`));
    y += 18;
  }
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 8}" role="img"`,
    ` aria-label="Deliveries a second of each server" font-family="system-ui, sans-serif" font-size="13" fill="${INK}">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    text(12, 26, "Deliveries a second, and CPU per message of all the server's processes", "font-size='16'"),
    text(12, 44, "median; the line spans the slowest and the fastest round", `fill='${FAINT}'`),
    ...parts,
    "</svg>\n",
  ];
  writeFileSync(target, svg.join("\n"));
  console.log("wrote docs/performance.svg");
}

function bar(row: Measured, y: number, most: number): string {
  const room = WIDTH - LEFT - 230;
  const at = (value: number) => LEFT + (value / most) * room;
  const colour = row.server === "hotroom" ? "#d9480f" : row.server === "bare Bun" ? "#9aa5b1" : "#4c6ef5";
  const { median, least, most: best } = row.deliveries;
  const middle = y + BAR / 2;
  return [
    text(LEFT - 8, y + 14, row.server, "text-anchor='end'"),
    `<rect x="${LEFT}" y="${y}" width="${(at(median) - LEFT).toFixed(1)}" height="${BAR}" rx="2" fill="${colour}"/>`,
    `<path d="M${at(least).toFixed(1)} ${middle}H${at(best).toFixed(1)}" stroke="${INK}" stroke-width="1.5"/>`,
    text(at(best) + 8, y + 14, `${figure(median)}/s, ${figure(row.cpuPerEvent.median)} µs`),
  ].join("");
}

function text(x: number, y: number, words: string, attributes = ""): string {
  const safe = words.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  return `<text x="${x.toFixed(1)}" y="${y}" ${attributes.replace(/'/g, '"')}>${safe}</text>`;
}
