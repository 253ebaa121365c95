/** What documents and comments refer to is there. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { code, files, lineAt, root, type Source } from "../house/sources.ts";

const documents = files(".", /\.md$/);

/** Links of a document that lead into the repository. */
function linksOf({ path, text }: Source) {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(({ 1: target = "", index }) => ({ target, place: `${path}:${lineAt(text, index)}` }))
    .filter(({ target }) => !/^https?:/.test(target))
    .map(({ target, place }) => {
      const [file = "", section] = target.split("#");
      return { place, target, section, file: file === "" ? path : normalize(join(dirname(path), file)) };
    });
}

/** The anchors of a document's headings, as web pages of repositories make them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

describe("links", () => {
  test("lead to files and sections that are there", () => {
    const broken = documents.flatMap(linksOf).filter(({ file, section }) => {
      if (!existsSync(join(root, file))) return true;
      return section !== undefined && !anchorsOf(readFileSync(join(root, file), "utf8")).includes(section);
    });
    expect(broken.map(({ place, target }) => `${place} links to ${target}`)).toEqual([]);
  });

  test("lead to pictures that are there, and small", () => {
    const shown = documents.flatMap(({ path, text }) =>
      [...text.matchAll(/ (?:src|srcset)="(docs\/pictures\/[^"]+)"/g)].map(([, file = ""]) =>
        join(root, dirname(path), file),
      ),
    );
    expect(shown.length).toBeGreaterThan(1);
    expect(shown.filter((file) => !existsSync(file) || statSync(file).size > 150_000)).toEqual([]);
  });

  test("lead from README.md to every document", () => {
    const reached = new Set(["README.md"]);
    for (const path of reached) {
      const document = documents.find((each) => each.path === path);
      for (const { file } of document ? linksOf(document) : []) reached.add(file);
    }
    expect(documents.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([]);
  });

  test("each list of sections at a document's head has all of them, in order", () => {
    for (const document of documents) {
      const listed = [...document.text.matchAll(/^- \[[^\]]+\]\(#([^)]+)\)/gm)].map(([, anchor]) => anchor);
      if (listed.length === 0) continue;
      const sections = anchorsOf(document.text.replace(/^#(#{2,})? .*$/gm, ""));
      expect([document.path, listed]).toEqual([document.path, sections]);
    }
  });
});

describe("paths", () => {
  const everything = files(".", /./).map(({ path }) => `/${path}`);
  /** Files that are made, or that users have, or of examples: they are in no clone. */
  const elsewhere =
    /^(hotroom\.config\.json|app\.js|words\.json|(rooms\/)?gone\.ts|public\/index\.html|(extensions\/)?gold\.ts|wire\.js|no\.js|base_images\.bin|\.hotroom\/.*|client\.generated\.js|client_types\.generated\.d\.ts|bases\.bin|valibot\.d\.ts\.txt|(build|node_modules)\/.*)$/;

  /** The paths that a text with braces and stars stands for, as patterns. */
  function pathsOf(text: string): RegExp[] {
    const brace = text.match(/\{([^{}]+)\}/);
    if (brace) return (brace[1] ?? "").split(",").flatMap((part) => pathsOf(text.replace(brace[0], part)));
    const pattern = text
      .replace(/[.+^$()|[\]\\]/g, "\\$&")
      .replaceAll("**", "\0")
      .replaceAll("*", "[^/]*")
      .replaceAll("\0", ".*");
    return [new RegExp(`/${pattern}${text.endsWith("/") ? "" : "(/|$)"}`)];
  }

  /** Whether all that a text stands for is in the repository, by the end of its path: `limit/breaker.ts`. */
  const isThere = (text: string) => pathsOf(text).every((path) => everything.some((each) => path.test(each)));

  /** What looks like a path: with one of our endings, or from one of our folders. */
  const looks =
    /(?<![\w/.@:<-])(?:\.\/|(?:\.\.\/)+)?((?:[\w.*-]+|\{[\w.,*-]+\})(?:\/(?:[\w.*-]+|\{[\w.,*-]+\}))*\.(?:ts|js|md|json|css|html|svg|bin)|(?:src|test|docs|extensions|\.ci)(?:\/[\w.*-]+)*\/?)(?![\w<>/]|\.\w)/g;

  function missing({ path, text }: Source, where: string): string[] {
    return [...where.matchAll(looks)]
      .map(({ 1: found = "", index }) => ({ found: found.replace(/\.$/, ""), line: lineAt(text, index) }))
      .filter(({ found }) => /^\w.*[/.]/.test(found) && !elsewhere.test(found) && !isThere(found))
      .map(({ found, line }) => `${path}:${line} names ${found}`);
  }

  test("in documents are in the repository", () => {
    // What has changed may have gone; of a fenced block without a language only what begins a line is a path of ours.
    const prose = (text: string) =>
      text.replace(/^```(.*)\n([\s\S]*?)^```$/gm, (block, language: string) =>
        language === "" ? block.replace(/(?<=^ *\S+)[ ].*$/gm, blank) : blank(block),
      );
    const broken = documents
      .filter(({ path }) => path !== "CHANGELOG.md")
      .flatMap((document) => missing(document, prose(document.text)));
    expect(broken).toEqual([]);
  });

  test("in the tree of docs/ARCHITECTURE.md are all folders of src", () => {
    const text = readFileSync(join(root, "docs/ARCHITECTURE.md"), "utf8");
    const folders = new Set(files("src", /\.(ts|js)$/).map(({ path }) => `${dirname(path)}/`));
    expect([...folders].filter((folder) => !text.includes(`\n${folder} `))).toEqual([]);
  });

  test("in comments are in the repository", () => {
    const programs = [...files("src", /\.(ts|js)$/), ...files("test", /\.ts$/), ...files(".ci", /\.ts$/)];
    const broken = programs.flatMap((program) => missing(program, commentsOf(program.text)));
    expect(broken).toEqual([]);
  });
});

/** A text of spaces with the same lines. */
function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** A program's comments; all else is blank. */
function commentsOf(text: string): string {
  const rest = code(text);
  const keep = (at: number) => (rest[at] === text[at] && text[at] !== "\n" ? " " : text[at]);
  return Array.from({ length: text.length }, (_, at) => keep(at)).join("");
}
