import { counted } from "../core/text/counted.ts";
import { messageOf } from "../core/errors.ts";
import { printableLines } from "../core/printable.ts";
import { formatPosition } from "../core/source_position.ts";
import type { RehearsalReport } from "../core/version/rehearsal_report.ts";
import type { RollbackView, VersionsView } from "../core/view/version_control.ts";
import { type AdminAddress, type AdminAnswer, reach } from "./admin_address.ts";

/** Asks a running server; resolves with its answer. Rejects with an Error that says what it refused, or that it can't be reached. */
async function ask<T>({ url, token }: AdminAddress, method: string, path: string, body?: object): Promise<T> {
  const headers: Record<string, string> = {};
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  if (body) headers["content-type"] = "application/json";
  let answered: AdminAnswer;
  try {
    answered = await reach(url, {
      method,
      path: `/api/applications${path}`,
      headers,
      body: body && JSON.stringify(body),
    });
  } catch (error) {
    throw new Error(`Cannot reach the server at ${url}: ${messageOf(error)}`);
  }
  const { status, text } = answered;
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error(`${url} is not a hotroom server: it answered ${status} with something else.`);
  }
  if (status >= 200 && status < 300) return answer as T;
  throw new Error(
    (answer as { error?: { message?: string } }).error?.message ?? `The server answered ${status}.`,
  );
}

/** Asks a running server how it is; resolves with whether it is ready. Rejects with an Error where it can't be reached. */
export async function health({ url }: AdminAddress): Promise<boolean> {
  const asked = { method: "GET", path: "/healthz", headers: {} };
  const { status, text } = await reach(url, asked).catch((error: unknown) => {
    throw new Error(`Cannot reach the server at ${url}: ${messageOf(error)}`);
  });
  print(text);
  return status === 200;
}

const pathOf = (application: string, rest: string) => `/${encodeURIComponent(application)}/${rest}`;

/** Prints which versions an application keeps, or those of all; which rooms run them, since when, and why. */
export async function versions(address: AdminAddress, application?: string): Promise<void> {
  const all = async () => {
    const { applications } = await ask<{ applications: { name: string; version?: string }[] }>(
      address,
      "GET",
      "",
    );
    return applications.filter(({ version }) => version !== undefined).map(({ name }) => name);
  };
  for (const name of application === undefined ? await all() : [application]) {
    const found = await ask<VersionsView>(address, "GET", pathOf(name, "versions"));
    print(`${name} (reload policy: ${found.policy})`);
    for (const { version, live, why, since, roomCount, running, failures } of found.versions) {
      const mark = live ? "*" : " ";
      print(`${mark} ${version}  ${why} ${timeOf(since)}  ${counted(roomCount, "room")}`);
      for (const { room, why: reason, since: then } of running)
        print(`    ${room ?? "(extension)"}  ${reason} ${timeOf(then)}`);
      const more = roomCount - running.filter(({ room }) => room !== null).length;
      if (more > 0) print(`    and ${more} more`);
      for (const { room, reason } of failures) print(`    failed: ${room ?? "(extension)"}: ${reason}`);
    }
    for (const { hash, version } of found.quarantined) print(`  quarantined: ${version} (${hash})`);
  }
}

/** Sets what live rooms do at an edit. */
export async function reloadPolicy(
  address: AdminAddress,
  application: string,
  policy: string,
): Promise<void> {
  await ask(address, "PUT", pathOf(application, "reload"), { policy });
  print(`${application}: reload policy is ${policy}`);
}

/** Goes back to a kept version; without one to that which was live before. */
export async function rollback(address: AdminAddress, application: string, version?: string): Promise<void> {
  const done = await ask<RollbackView>(address, "POST", pathOf(application, "rollback"), { version });
  print(`${application}: ${done.version} is live, ${counted(done.moved, "room")} moved`);
  for (const { room, reason } of done.failures)
    print(`  kept its version: ${room ?? "(extension)"}: ${reason}`);
}

/** Tries a version on copies of the live rooms and prints what would happen; resolves with false if there were errors. */
export async function rehearse(
  address: AdminAddress,
  application: string,
  version?: string,
): Promise<boolean> {
  const report = await ask<RehearsalReport>(address, "POST", pathOf(application, "rehearse"), { version });
  const { tried, events, failed, changed } = report;
  print(
    `${application} ${report.version}: ${counted(events, "event")} in ${counted(tried, "room")}, ${failed} with errors, ${changed} with another state`,
  );
  for (const { room, errors, differences, differenceCount } of report.rooms) {
    print(`  ${room ?? "(extension)"}`);
    for (const { event, message, position } of errors) {
      const place = position ? ` (${formatPosition(position)})` : "";
      print(`    error in ${event}: ${message}${place}`);
    }
    for (const { path, before, after } of differences)
      print(`    ${path}: ${JSON.stringify(before) ?? "nothing"} -> ${JSON.stringify(after) ?? "nothing"}`);
    if (differenceCount > differences.length)
      print(`    and ${differenceCount - differences.length} more differences`);
  }
  for (const { room, reason } of report.stuck) print(`  ${room ?? "(extension)"} was not tried: ${reason}`);
  return failed === 0;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** Prints what a server answered: reasons and names in it are those of scripts. */
function print(text: string): void {
  console.log(printableLines(text));
}
