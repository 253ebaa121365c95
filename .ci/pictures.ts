/**
 * Makes the pictures of README.md in docs/pictures: the arena while it is played and edited, the console beside it, in
 * light and in dark. It starts a server of its own, and Chromium (`HOTROOM_CHROMIUM` names another one).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "docs/pictures");
/** Of each of the two halves, CSS pixels. */
const [WIDTH, HEIGHT] = [720, 640];
const QUALITY = 0.88;
/** How long anything may take, ms. */
const PATIENCE = 30_000;

/** A server on a copy of the arena, and what it has written. */
class Server {
  readonly folder = mkdtempSync(join(tmpdir(), "hotroom-pictures-"));
  readonly #child: ChildProcess;
  #output = "";

  constructor() {
    for (const name of ["arena.ts", "arena.public", "tsconfig.json"])
      cpSync(join(root, "extensions", name), join(this.folder, name), { recursive: true });
    const args = ["run", join(root, "mod.ts"), "serve", "--port", "0", "--extensions", this.folder];
    this.#child = spawn(process.execPath, args, { cwd: this.folder, stdio: ["ignore", "pipe", "inherit"] });
    this.#child.stdout?.on("data", (chunk) => {
      this.#output += chunk;
    });
  }

  /** Waits for a text in the output. Throws where it does not come in time. */
  async written(pattern: RegExp): Promise<string> {
    for (
      const end = Date.now() + PATIENCE;
      Date.now() < end;
      await new Promise((next) => setTimeout(next, 20))
    ) {
      const found = this.#output.match(pattern);
      if (found) return found[1] ?? found[0];
    }
    throw new Error(`Cannot make pictures: the server did not write ${pattern}. It wrote:\n${this.#output}`);
  }

  async stop(): Promise<void> {
    this.#child.kill();
    await once(this.#child, "exit");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Writes the arena anew, and waits for what the log says of it. */
async function save(server: Server, source: string, logged: RegExp): Promise<void> {
  writeFileSync(join(server.folder, "arena.ts"), source);
  await server.written(logged);
}

/** Has players run about in the arena, each on a page of its own; resolves with the first one's page. */
async function players(browser: Browser, url: string): Promise<Page> {
  const pages: Page[] = [];
  for (const [name, colour, key] of [
    ["ann", "#3fa9c1", "ArrowRight"],
    ["bob", "#e0704f", "ArrowDown"],
    ["eve", "#8fbf4d", "ArrowLeft"],
  ] as const) {
    const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
    await page.goto(`${url}/apps/arena/`);
    await page.fill("[name=name]", name);
    await page.fill("[name=colour]", colour);
    await page.click("button");
    await page.waitForSelector("form", { state: "hidden" });
    await page.keyboard.press(key, { delay: 150 });
    pages.push(page);
  }
  const [first] = pages;
  if (first === undefined) throw new Error("Cannot make pictures: nobody plays.");
  return first;
}

/** Edits the arena while it is played: well, then with a mistake. */
async function edit(server: Server): Promise<void> {
  const source = readFileSync(join(server.folder, "arena.ts"), "utf8");
  const edited = (text: string) => source.replace("[900, 0.1]", text);
  await save(server, edited("[1800, 0.3]"), /arena v2·/);
  await save(server, edited("[1800, 0.3"), /arena\.ts:\d+:\d+/);
}

/** Resolves with two screenshots side by side, as WebP. */
async function together(browser: Browser, pictures: Buffer[], background: string): Promise<Buffer> {
  const page = await browser.newPage();
  const sources = pictures.map((picture) => `data:image/png;base64,${picture.toString("base64")}`);
  const url = await page.evaluate(
    async ({ sources, background, quality }) => {
      const images = await Promise.all(
        sources.map(async (source) => createImageBitmap(await (await fetch(source)).blob())),
      );
      const canvas = document.createElement("canvas");
      const gap = 16;
      canvas.width = images.reduce((sum, { width }) => sum + width + gap, -gap);
      canvas.height = Math.max(...images.map(({ height }) => height));
      const pen = canvas.getContext("2d");
      if (!pen) throw new Error("There is nothing to draw on.");
      pen.fillStyle = background;
      pen.fillRect(0, 0, canvas.width, canvas.height);
      let x = 0;
      for (const image of images) {
        pen.drawImage(image, x, 0);
        x += image.width + gap;
      }
      return canvas.toDataURL("image/webp", quality);
    },
    { sources, background, quality: QUALITY },
  );
  await page.close();
  return Buffer.from(url.replace(/^.*,/, ""), "base64");
}

const executablePath = process.env.HOTROOM_CHROMIUM ?? Bun.which("chromium") ?? "chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const server = new Server();
try {
  const url = await server.written(/listening on (\S+)/);
  const console = await server.written(/console: (\S+)/);
  await server.written(/applications in/);
  const arena = await players(browser, url);
  await edit(server);
  mkdirSync(target, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    const viewport = { width: WIDTH, height: HEIGHT };
    const page = await browser.newPage({ colorScheme, reducedMotion: "reduce", viewport });
    await page.goto(console);
    await page
      .getByText(/arena\.ts:\d+:\d+/)
      .first()
      .waitFor();
    await page.getByRole("link", { name: "Page of arena" }).waitFor();
    const halves = [await arena.screenshot(), await page.screenshot()];
    const background = colorScheme === "light" ? "#ffffff" : "#0d1117";
    writeFileSync(join(target, `edit-${colorScheme}.webp`), await together(browser, halves, background));
    await page.close();
  }
} finally {
  await browser.close();
  await server.stop();
}
