import { MemoryStore } from "../../src/store/memory_store.ts";
import { storeContract } from "./contract.ts";

storeContract("in memory", async () => {
  const store = new MemoryStore();
  return { store, reopen: async () => store, [Symbol.asyncDispose]: () => store.close() };
});
