/** How long anything that should happen may take on a busy machine, ms. */
export const PATIENCE = 40_000;
