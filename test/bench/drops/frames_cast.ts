import type { Cast, Play } from "./cast.ts";
import { DropsCrowd } from "./crowd.ts";
import { StrictClient } from "./strict_client.ts";
import { tallyOf } from "./tally.ts";

/** A crowd in this process that speaks the wire by hand, and checks each frame. */
export function framesCast({ plan, ...address }: Play): Cast {
  const crowd = new DropsCrowd(plan, (name, stage) => new StrictClient(name, address, stage));
  const tally = tallyOf(crowd);
  return {
    enter: () => crowd.enter(),
    talk: async () => crowd.talk(),
    hush: () => crowd.hush(),
    settle: () => crowd.settle(),
    audit: () => crowd.audit(),
    leave: async () => crowd.leave(),
    tally: async () => tally(),
    close: async () => {},
  };
}
