import { join } from "node:path";
import type { Page } from "playwright-core";
import { launch, noBrowser } from "../../e2e/browser.ts";
import { Random } from "../../torture/random.ts";
import type { Cast, Play } from "./cast.ts";
import { LossyProxy } from "./lossy_proxy.ts";
import type { Part } from "./page.ts";
import { sumOf, type Tally } from "./tally.ts";
import type { End } from "./talker.ts";

/** Clients in one page; each page is a visitor of its own, with a network of its own. */
const CLIENTS_A_PAGE = 25;
/** Between two times that the network of a page is cut off, of the time between two drops of a client; and how long it is off at most, of the longest absence. */
const ON_SHARE = 3;
const OFF_SHARE = 2 / 3;

const sdk = Bun.file(join(import.meta.dir, "../../../src/http/client.generated.js"));

/**
 * A crowd by the SDK in a real Chromium, some dozens of clients in a page. A proxy loses their links one by one, and the browser's
 * network is cut off and on, page by page.
 */
export async function chromiumCast({ port, application, plan }: Play): Promise<Cast> {
  if (noBrowser) throw new Error(`Cannot run the drops in Chromium: ${noBrowser}.`);
  const random = new Random(plan.seed);
  const proxy = await LossyProxy.before(port, random);
  const site = await serveSite();
  const browser = await launch();
  const pages: Page[] = [];
  const broken: string[] = [];
  for (let first = 0; first < plan.clients; first += CLIENTS_A_PAGE) {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(0);
    page.on("pageerror", (error) => broken.push(`page ${pages.indexOf(page)}: ${error}`));
    page.on("crash", () => broken.push(`page ${pages.indexOf(page)} has crashed`));
    await page.exposeFunction("lose", (name: string, end: End, ms: number) => proxy.lose(name, end, ms));
    await page.goto(site.url.href);
    const end = Math.min(first + CLIENTS_A_PAGE, plan.clients);
    await page.evaluate((part: Part) => globalThis.begin(part), {
      port: proxy.port,
      application,
      plan,
      first,
      end,
    });
    pages.push(page);
  }
  const all = async (step: string) => {
    await Promise.all(pages.map((page) => page.evaluate(`crowd.${step}()`)));
  };
  const network = new Network(pages, random, ON_SHARE * plan.stay, OFF_SHARE * plan.away, (page, ms) => {
    const begin = CLIENTS_A_PAGE * pages.indexOf(page);
    const names = Array.from({ length: CLIENTS_A_PAGE }, (_, at) => `client ${begin + at}`);
    // What the browser calls off leaves open sockets alone; to them the network is gone as to a phone in a tunnel.
    for (const name of names) proxy.lose(name, "silence", ms);
  });
  return {
    enter: () => all("enter"),
    talk: async () => {
      await all("talk");
      network.flicker();
    },
    hush: async () => {
      await network.calm();
      await all("hush");
    },
    settle: () => all("settle"),
    audit: () => all("audit"),
    leave: () => all("leave"),
    tally: async () => {
      const tally = sumOf(await Promise.all(pages.map((page) => page.evaluate<Tally>("tally()"))));
      const { faults } = tally;
      const total = faults.total + broken.length;
      const drops = tally.drops + network.cuts * CLIENTS_A_PAGE;
      const notes = [...faults.notes, ...broken];
      return { ...tally, drops, faults: { ...faults, broken: faults.broken + broken.length, total, notes } };
    },
    close: async () => {
      await network.calm();
      await browser.close();
      await site.stop(true);
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** Pages' networks, which are off now and then: `on` and `off` are about how long, ms, and `lose` loses what a page has open. */
class Network {
  /** How often one was cut off. */
  cuts = 0;
  #isFlickering = false;
  #loops: Promise<void>[] = [];

  constructor(
    private readonly pages: readonly Page[],
    private readonly random: Random,
    private readonly on: number,
    private readonly off: number,
    private readonly lose: (page: Page, ms: number) => void,
  ) {}

  /** From now on each is cut off now and then. */
  flicker(): void {
    this.#isFlickering = true;
    this.#loops = this.pages.map((page) => this.#flicker(page));
  }

  /** Resolves once all are on, and stay on. */
  async calm(): Promise<void> {
    this.#isFlickering = false;
    await Promise.all(this.#loops);
  }

  async #flicker(page: Page): Promise<void> {
    const context = page.context();
    let cutAt = performance.now() + this.random.next() * this.on;
    while (this.#isFlickering) {
      await Bun.sleep(200);
      if (performance.now() < cutAt) continue;
      this.cuts++;
      const off = this.random.next() * this.off;
      await context.setOffline(true);
      this.lose(page, off);
      await Bun.sleep(off);
      await context.setOffline(false);
      cutAt = performance.now() + this.on * (0.5 + this.random.next());
    }
  }
}

/** Serves an empty page with the crowd's script, and the SDK. */
async function serveSite(): Promise<Bun.Server<undefined>> {
  const built = await Bun.build({ entrypoints: [join(import.meta.dir, "page.ts")], target: "browser" });
  const [script] = built.outputs;
  const types = { html: "text/html", js: "text/javascript" };
  const answer = (body: Blob | string, type: keyof typeof types) =>
    new Response(body, { headers: { "content-type": types[type] } });
  return Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/client.js") return answer(sdk, "js");
      if (pathname === "/page.js" && script) return answer(script, "js");
      return answer(
        '<!doctype html><title>drops</title><script type="module" src="/page.js"></script>',
        "html",
      );
    },
  });
}
