/** The editor's own module, `/page/editor.js`: CodeMirror, loaded when a file is opened. */
import { javascript, typescriptLanguage } from "@codemirror/lang-javascript";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup } from "codemirror";
import tables from "/page/api_table.json";
import { apiCompletion } from "./api_completion.ts";

/** What is wrong at a place, 1-based. */
export interface Fault {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** What an editor begins with, and whom it tells. */
export interface EditorParts {
  /** Path of the file: what it is called, and what is completed in it. */
  readonly path: string;
  readonly text: string;
  readonly isReadOnly: boolean;
  /** Allows the styles that it makes. */
  readonly nonce: string;
  readonly changed: (text: string) => void;
  readonly saved: () => void;
}

/** Colours by the console's own variables, so that dark and light are theirs. */
const theme = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--card)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--card)", color: "var(--faint)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--active-line)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--selection)",
  },
  ".cm-panels, .cm-tooltip": {
    backgroundColor: "var(--card)",
    color: "var(--ink)",
    borderColor: "var(--line)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent)",
    color: "var(--on-accent)",
  },
  ".cm-matchingBracket": { backgroundColor: "var(--selection)" },
});

const colours = syntaxHighlighting(
  HighlightStyle.define([
    { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--accent)" },
    { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--good)" },
    { tag: [tags.number, tags.bool, tags.null], color: "var(--text)" },
    { tag: [tags.comment], color: "var(--faint)", fontStyle: "italic" },
    { tag: [tags.typeName, tags.className], color: "var(--text)" },
    { tag: [tags.definition(tags.variableName), tags.function(tags.variableName)], fontWeight: "600" },
  ]),
);

/** One editor in an element. */
export class CodeEditor {
  readonly #view: EditorView;
  readonly #reading = new Compartment();
  /** Whether a change is the console's own and not its user's. */
  #isOwn = false;

  constructor(parent: HTMLElement, { path, text, isReadOnly, nonce, changed, saved }: EditorParts) {
    const save = () => {
      saved();
      return true;
    };
    this.#view = new EditorView({
      parent,
      state: EditorState.create({
        doc: text,
        extensions: [
          EditorView.cspNonce.of(nonce),
          keymap.of([{ key: "Mod-s", run: save, preventDefault: true }]),
          basicSetup,
          javascript({ typescript: true }),
          typescriptLanguage.data.of({ autocomplete: apiCompletion(tables, path) }),
          lintGutter(),
          theme,
          colours,
          this.#reading.of(EditorState.readOnly.of(isReadOnly)),
          EditorView.contentAttributes.of({ "aria-label": path, tabindex: "0" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !this.#isOwn) changed(update.state.doc.toString());
          }),
        ],
      }),
    });
  }

  /** Shows another text; the caret stays about where it is. */
  show(text: string): void {
    const { doc, selection } = this.#view.state;
    if (doc.toString() === text) return;
    const head = Math.min(selection.main.head, text.length);
    this.#isOwn = true;
    this.#view.dispatch({ changes: { from: 0, to: doc.length, insert: text }, selection: { anchor: head } });
    this.#isOwn = false;
  }

  /** Lets its user write in it, or only read; what was written and where the caret is stay. */
  setReadOnly(isReadOnly: boolean): void {
    this.#view.dispatch({
      effects: this.#reading.reconfigure(EditorState.readOnly.of(isReadOnly)),
    });
  }

  /** Goes to a place, 1-based, and takes the focus; without a column the whole line is selected. */
  goTo(line: number, column?: number): void {
    const { anchor, end } = column === undefined ? this.#line(line) : this.#at(line, column);
    this.#view.dispatch({
      selection: column === undefined ? { anchor, head: end } : { anchor },
      effects: EditorView.scrollIntoView(anchor, { y: "center" }),
    });
    this.#view.focus();
  }

  /** Marks what is wrong; none takes the marks away. */
  mark(faults: readonly Fault[]): void {
    const marks = faults.map(({ line, column, message }): Diagnostic => {
      const { anchor, end } = this.#at(line, column);
      return { from: anchor, to: end, severity: "error", message };
    });
    this.#view.dispatch(setDiagnostics(this.#view.state, marks));
  }

  close(): void {
    this.#view.destroy();
  }

  /** A line without what it is indented by. */
  #line(line: number): { anchor: number; end: number } {
    const { doc } = this.#view.state;
    const { from, to, text } = doc.line(Math.min(Math.max(1, line), doc.lines));
    return { anchor: from + text.length - text.trimStart().length, end: to };
  }

  #at(line: number, column: number): { anchor: number; end: number } {
    const { doc } = this.#view.state;
    const found = doc.line(Math.min(Math.max(1, line), doc.lines));
    const anchor = Math.min(found.to, found.from + Math.max(0, column - 1));
    return { anchor, end: Math.max(anchor, Math.min(found.to, anchor + 1)) };
  }
}
