import * as v from "valibot";
import { HotroomError } from "../../../core/errors.ts";
import type { VersionControl } from "../../../core/view/version_control.ts";
import { type Route, route } from "../route.ts";
import { policy, rehearsal, rollback, versionName, versions } from "../schemas/versions.ts";

/** Largest body of a request, bytes. */
const BODY_BYTES = 4096;

const PATH = "/applications/{application}";
const failures = { application_unavailable: 404, version_not_found: 404, build_failed: 422 };

/** Makes the routes about versions: which run, which are live, and what another would come to. */
export function versionRoutes(control: VersionControl): Route[] {
  return [
    route({
      id: "versions",
      method: "get",
      path: `${PATH}/versions`,
      scope: "read",
      summary: "The versions that are kept, and which rooms run them.",
      doing: "list the versions",
      answer: versions,
      statuses: { 200: "The versions, newest first." },
      failures: { application_not_found: 404 },
      handle: ({ params: { application = "" } }) => {
        const found = control.versions(application);
        if (found) return found;
        const message = `No version of an application ${JSON.stringify(application)} runs.`;
        throw new HotroomError("application_not_found", message);
      },
    }),
    route({
      id: "setReloadPolicy",
      method: "put",
      path: `${PATH}/reload`,
      scope: "edit",
      summary: "Sets what live rooms do at an edit, until `hotroom.json` says something else.",
      doing: "set the reload policy",
      body: v.strictObject({ policy }),
      bodyBytes: BODY_BYTES,
      answer: v.object({ application: v.string(), policy }),
      statuses: { 200: "It is set." },
      failures,
      handle: ({ params: { application = "" }, body }) => {
        control.setPolicy(application, body.policy);
        return { application, policy: body.policy };
      },
    }),
    route({
      id: "rollBack",
      method: "post",
      path: `${PATH}/rollback`,
      scope: "edit",
      summary: "Goes back to a kept version; without one to that which was live before.",
      doing: "roll back",
      body: v.strictObject({ version: versionName }),
      bodyBytes: BODY_BYTES,
      answer: rollback,
      statuses: { 200: "It is live." },
      failures,
      handle: ({ params: { application = "" }, body }) => control.rollBack(application, body.version),
    }),
    route({
      id: "rehearse",
      method: "post",
      path: `${PATH}/rehearse`,
      scope: "edit",
      summary: "Tries a version on copies of the live rooms; without one the newest edit.",
      doing: "rehearse",
      body: v.strictObject({ version: versionName }),
      bodyBytes: BODY_BYTES,
      answer: rehearsal,
      statuses: { 200: "What would happen." },
      failures,
      handle: ({ params: { application = "" }, body }) => control.rehearse(application, body.version),
    }),
  ];
}
