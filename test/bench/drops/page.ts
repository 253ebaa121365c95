/** A page with a part of a crowd in it, by the SDK that the page's server has at `/client.js`. */
import type { CrowdPlan } from "./crowd.ts";
import { DropsCrowd } from "./crowd.ts";
import { SdkClient, type SdkClientDeps } from "./sdk_client.ts";
import { type Tally, tallyOf } from "./tally.ts";

/** What a page is told before it begins. */
export interface Part {
  /** Of the proxy. */
  readonly port: number;
  readonly application: string;
  readonly plan: CrowdPlan;
  /** Numbers of its clients: from the first up to, but not, the end. */
  readonly first: number;
  readonly end: number;
}

declare global {
  /** Given by whoever opens the page. */
  var lose: SdkClientDeps["lose"];
  var begin: (part: Part) => Promise<void>;
  var crowd: DropsCrowd;
  var tally: () => Tally;
}

globalThis.begin = async ({ port, application, plan, first, end }) => {
  // To one address a browser opens one socket after the other: who does not get through would keep all others of the page waiting.
  const addressOf = (name: string) => `127.0.0.${1 + (Number(name.replace(/\D+/, "")) - first)}`;
  const url = (name: string) =>
    `ws://${addressOf(name)}:${port}/ws/${application}?client=${encodeURIComponent(name)}`;
  const sdk = new URL("/client.js", location.href).href;
  const { connect } = (await import(sdk)) as Pick<SdkClientDeps, "connect">;
  const make = (name: string, stage: ConstructorParameters<typeof SdkClient>[2]) =>
    new SdkClient(name, { connect, url, lose: globalThis.lose }, stage);
  globalThis.crowd = new DropsCrowd(plan, make, first, end);
  globalThis.tally = tallyOf(globalThis.crowd);
};
