import { expect, test } from "bun:test";
import { EditFeed } from "../../../src/core/edit/edit_feed.ts";
import { PageEdits } from "../../../src/core/edit/page_edits.ts";
import { FakeClock } from "../fake_clock.ts";

function told() {
  const clock = new FakeClock();
  const feed = new EditFeed(clock);
  const lines: string[] = [];
  const edits = new PageEdits({ clock, log: (_level, text) => lines.push(text) }, feed);
  const save = (...files: string[]) => edits.add("chat", { files, gone: [] });
  return { clock, feed, lines, edits, save };
}

test("saves that follow each other are one edit, in which a file is what it was last", () => {
  const { clock, feed, lines, edits, save } = told();
  edits.add("chat", { files: [], gone: ["public/page.js", "public/old.css"] });
  clock.advance(100);
  save("public/page.js", "public/index.html");
  clock.advance(100);
  save("public/page.js");
  expect(lines).toEqual([]);
  clock.advance(1000);
  save("public/index.html");
  clock.advance(1000);
  expect(lines).toEqual([
    "Pages changed: public/index.html, public/page.js. Pages gone: public/old.css.",
    "Pages changed: public/index.html.",
  ]);
  expect(feed.after(0)).toMatchObject([
    {
      kind: "pages",
      application: "chat",
      files: ["public/index.html", "public/page.js"],
      gone: ["public/old.css"],
    },
    { kind: "pages", files: ["public/index.html"], gone: [] },
  ]);
});

test("saves without an end are told all the same, and nothing after the end of the server", () => {
  const { clock, feed, edits, save } = told();
  for (let ms = 0; ms < 4100; ms += 100) {
    save("public/page.js");
    clock.advance(100);
  }
  expect(feed.after(0)).toHaveLength(2);
  save("public/page.js");
  edits.close();
  expect(clock.pending).toBe(0);
});

test("of many files, and of long names, some is told", () => {
  const { clock, feed, lines, edits, save } = told();
  for (let file = 0; file < 5000; file++) save(`public/${"x".repeat(4000)}${file}`);
  edits.add("chat", { files: [], gone: ["public/\u001b[2J\n"] });
  clock.advance(1000);
  const [entry] = feed.after(0);
  expect(entry).toMatchObject({ more: 950 });
  expect(JSON.stringify(entry).length).toBeLessThan(12_000);
  expect(lines.join().length).toBeLessThan(700);
  expect(lines.join()).toContain("and 997 more");
  save("public/\u001b[2J\n");
  clock.advance(1000);
  expect(lines[1]).toBe("Pages changed: public/\\u001b[2J\\u000a.");
});
