import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import * as v from "valibot";
import { BuildError, HotroomError } from "../../core/errors.ts";
import type { VersionControl } from "../../core/view/version_control.ts";
import { readBody } from "./body.ts";
import { problem } from "../problem.ts";

/** Bytes of a request's body. */
const maxBody = 4096;

const policySchema = v.strictObject({ policy: v.picklist(["swap", "pin"]) });
const versionSchema = v.strictObject({
  version: v.optional(v.pipe(v.string(), v.nonEmpty(), v.maxLength(64))),
});

/** HTTP status of what the core refuses. */
const statuses: Readonly<Record<string, 404 | 422>> = {
  application_unavailable: 404,
  version_not_found: 404,
  build_failed: 422,
};

/** The part of the admin API that is about versions: which run, which are live, and what another would come to. */
export function createVersionsApi(control: VersionControl): Hono {
  const api = new Hono();
  const limited = bodyLimit({
    maxSize: maxBody,
    onError: () => problem(413, "too_large", `The body has more than ${maxBody} bytes.`),
  });

  api.get("/:application/versions", (c) => {
    const name = c.req.param("application");
    const found = control.versions(name);
    if (found) return c.json(found);
    return problem(
      404,
      "application_not_found",
      `No version of an application ${JSON.stringify(name)} runs.`,
    );
  });

  api.put("/:application/reload", limited, async (c) => {
    const body = await readBody(c, "set the reload policy", policySchema);
    if (!body.ok) return body.answer;
    const application = c.req.param("application");
    const { policy } = body.output;
    return act(c, () => {
      control.setPolicy(application, policy);
      return { application, policy };
    });
  });

  api.post("/:application/rollback", limited, async (c) => {
    const body = await readBody(c, "roll back", versionSchema);
    if (!body.ok) return body.answer;
    return act(c, () => control.rollBack(c.req.param("application"), body.output.version));
  });

  api.post("/:application/rehearse", limited, async (c) => {
    const body = await readBody(c, "rehearse", versionSchema);
    if (!body.ok) return body.answer;
    return act(c, () => control.rehearse(c.req.param("application"), body.output.version));
  });
  return api;
}

async function act(c: Context, task: () => object | Promise<object>): Promise<Response> {
  try {
    return c.json(await task());
  } catch (error) {
    const status = error instanceof HotroomError ? statuses[error.code] : undefined;
    if (status === undefined) throw error;
    const { code } = error as HotroomError;
    return problem(status, code, error instanceof BuildError ? error.toString() : (error as Error).message);
  }
}
