import { platformContract } from "../contract/platform.ts";
import { serve } from "../contract/platform_server.ts";
import { currentPlatform } from "../../src/platform/current.ts";

platformContract("bun", async () => {
  const { listener, stopped } = await serve(await currentPlatform());
  return { port: listener.port, stopped, kill: () => void listener.terminate() };
});
