import { platformContract } from "../contract/platform.ts";
import { serve } from "../contract/platform_server.ts";
import { currentPlatform } from "../../src/platform/current.ts";

platformContract("bun", async (limits) => {
  const { listener, stopped } = await serve(await currentPlatform(), limits);
  return { port: listener.port, stopped, kill: () => void listener.terminate() };
});
