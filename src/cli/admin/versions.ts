import { formatPosition } from "../../core/source_position.ts";
import { counted } from "../../core/text/counted.ts";
import type { RehearsalReport } from "../../core/version/rehearsal_report.ts";
import type { RollbackView, VersionsView } from "../../core/view/version_control.ts";
import type { AdminAddress } from "./admin_address.ts";
import { ask, pathOf, print, timeOf } from "./ask.ts";

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
