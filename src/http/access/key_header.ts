/** Header in which the console's page shows its key. */
export const KEY_HEADER = "x-hotroom-key";
