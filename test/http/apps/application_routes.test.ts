import { describe, expect, test } from "bun:test";
import { createHttp } from "../../../src/http/app.ts";
import { WrittenView } from "../view.ts";

describe("below an application's address", () => {
  test("there is nothing where nobody answers", async () => {
    const response = await createHttp(new WrittenView()).request("/apps/chat/made");
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "not_found" } });
  });

  test("the application is asked with the path behind its name, by each method", async () => {
    const asked: string[] = [];
    const http = createHttp(new WrittenView(), {
      apps: {
        ask: async ({ application, path, context }) => {
          asked.push(`${context.req.method} ${application} ${path}`);
          return new Response("made");
        },
      },
    });
    await http.request("/apps/chat/made%20up?x=1", { method: "PUT" });
    await http.request("/apps/chat/", { method: "POST" });
    expect(asked).toEqual(["PUT chat /made%20up", "POST chat /"]);
  });
});
