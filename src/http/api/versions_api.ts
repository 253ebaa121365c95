import { type Context, Hono } from "hono";
import * as v from "valibot";
import type { VersionControl } from "../../core/view/version_control.ts";
import { problem } from "../problem.ts";
import { limitBody, readBody } from "./body.ts";
import { refusal } from "./refusal.ts";

/** Largest body of a request, bytes. */
const VERSIONS_BODY_BYTES = 4096;

const policySchema = v.strictObject({ policy: v.picklist(["swap", "pin"]) });
const versionSchema = v.strictObject({
  version: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(64))),
});

/** HTTP status of what the core refuses. */
const statuses: Readonly<Record<string, number>> = {
  application_unavailable: 404,
  version_not_found: 404,
  build_failed: 422,
};

/** Makes the part of the admin API about versions: which run, which are live, and what another would come to. */
export function createVersionsApi(control: VersionControl): Hono {
  const api = new Hono();
  const limited = limitBody(VERSIONS_BODY_BYTES);

  api.get("/:application/versions", (c) => {
    const name = c.req.param("application");
    const found = control.versions(name);
    if (found) return c.json(found);
    const message = `No version of an application ${JSON.stringify(name)} runs.`;
    return problem(404, "application_not_found", message);
  });

  api.put("/:application/reload", limited, async (c) => {
    const body = await readBody(c, "set the reload policy", policySchema);
    if (!body.ok) return body.answer;
    const application = c.req.param("application");
    const { policy } = body.output;
    return answer(c, async () => {
      control.setPolicy(application, policy);
      return { application, policy };
    });
  });

  api.post("/:application/rollback", limited, async (c) => {
    const body = await readBody(c, "roll back", versionSchema);
    if (!body.ok) return body.answer;
    return answer(c, () => control.rollBack(c.req.param("application"), body.output.version));
  });

  api.post("/:application/rehearse", limited, async (c) => {
    const body = await readBody(c, "rehearse", versionSchema);
    if (!body.ok) return body.answer;
    return answer(c, () => control.rehearse(c.req.param("application"), body.output.version));
  });
  return api;
}

/** Answers with what `task` resolves with, or with what the core refuses. */
async function answer(c: Context, task: () => Promise<object>): Promise<Response> {
  try {
    return c.json(await task());
  } catch (error) {
    return refusal(error, statuses);
  }
}
