import { storeContract } from "./contract.ts";
import { StoreFolder, writers } from "./store_folder.ts";

for (const [runtime, command] of Object.entries(writers)) {
  storeContract(`SQLite with its writer under ${runtime}`, async () => {
    const folder = new StoreFolder(command);
    const store = await folder.open();
    return {
      store,
      reopen: async () => {
        await store.close();
        return folder.open();
      },
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  });
}
