/** The work that every server of the bench does, with nobody asked: what one member says goes to all. */
import { defineRoom, relay } from "hotroom";

export default defineRoom({ messages: { say: relay({ to: "all", rate: 10000 }) } });
