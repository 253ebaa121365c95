import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { CodeEditor } from "/page/editor.js";
import type { FailureView } from "../../core/errors.ts";
import type { RehearsalReport } from "../../core/version/rehearsal_report.ts";
import { query } from "../parts/address.ts";
import { CodeFrame } from "../parts/code_frame.tsx";
import { Report } from "../parts/report.tsx";
import { AskError, api, ask } from "../server/ask.ts";
import { edits, lastPagesEdit } from "../server/feed.ts";
import type { ApplicationOverview } from "../server/overview.ts";
import { may } from "../server/scopes.ts";
import {
  draftOf,
  editedFiles,
  isEdited,
  isPage,
  overwrite,
  read,
  revert,
  saveDraft,
  write,
} from "./drafts.ts";
import { faultsOf, rolledBackAt } from "./faults.ts";

/** One file: written in, tried on what has happened, saved. */
export function FileEditor({
  application,
  path,
  isWritable,
}: {
  application: ApplicationOverview;
  path: string;
  /** Undefined until it is known: what is written in an editor that can't be written in yet would be lost. */
  isWritable: boolean | undefined;
}) {
  const { name, version, error } = application;
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<CodeEditor | undefined>(undefined);
  const report = useSignal<RehearsalReport | undefined>(undefined);
  const failure = useSignal<FailureView | undefined>(undefined);
  const problem = useSignal("");
  /** What is under way, in words; empty where nothing is. */
  const doing = useSignal("");
  const draft = draftOf(name, path);
  const mayEdit = isWritable === true && may("edit");
  const isReadOnly = useRef(!mayEdit);
  isReadOnly.current = !mayEdit;
  const canOpen = draft !== undefined && isWritable !== undefined;

  const run = async (task: () => Promise<unknown>, words = "reading …") => {
    doing.value = words;
    problem.value = "";
    try {
      await task();
    } catch (error) {
      problem.value = (error as Error).message;
    } finally {
      doing.value = "";
    }
  };
  const save = () =>
    run(async () => {
      await saveDraft(name, path);
      report.value = undefined;
      failure.value = undefined;
    }, "saving …");
  const rehearse = () =>
    run(async () => {
      report.value = undefined;
      failure.value = undefined;
      try {
        report.value = await ask<RehearsalReport>("POST", api(name, "files", "rehearse"), {
          files: editedFiles(name),
        });
      } catch (error) {
        if (!(error instanceof AskError) || error.code !== "build_failed") throw error;
        // The message goes on with the line, which is in the data, too.
        const [message = ""] = error.message.split("\n");
        failure.value = { message, ...(error.data as Partial<FailureView>) };
      }
    }, "rehearsing …");

  // An edit made elsewhere is read; who has written here meanwhile is told.
  useEffect(() => {
    run(() => read(name, path));
  }, [name, path, version, error?.message, lastPagesEdit(name)]);

  useEffect(() => {
    let isOver = false;
    const open = async () => {
      const { CodeEditor } = await import("/page/editor.js");
      if (isOver || !place.current || !canOpen) return;
      editor.current = new CodeEditor(place.current, {
        path,
        text: draftOf(name, path)?.text ?? "",
        isReadOnly: isReadOnly.current,
        nonce: document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce ?? "",
        changed: (text) => write(name, path, text),
        saved: () => saving.current(),
      });
      const line = Number(query.value.get("line"));
      if (line > 0) editor.current.goTo(line, Number(query.value.get("column")) || undefined);
    };
    run(open);
    return () => {
      isOver = true;
      editor.current?.close();
      editor.current = undefined;
    };
  }, [canOpen]);
  useEffect(() => editor.current?.setReadOnly(!mayEdit), [mayEdit]);
  const saving = useRef(save);
  saving.current = save;

  // The editor has the same key; once a button has the focus, the browser would save the page.
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.key !== "s" || event.altKey || event.shiftKey) return;
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      saving.current();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);

  useEffect(() => {
    // As it is now: whoever types fast has written more than what was drawn.
    const now = draftOf(name, path);
    if (now) editor.current?.show(now.text);
  }, [draft?.text]);
  const isSaved = draft !== undefined && !isEdited(draft);
  const faults = useMemo(() => {
    if (failure.value) return faultsOf(failure.value, path);
    if (!isSaved) return [];
    return [...(error ? faultsOf(error, path) : []), ...rolledBackAt(path, name, edits.value)];
  }, [failure.value, isSaved, error, edits.value, name, path]);
  useEffect(() => editor.current?.mark(faults), [faults, editor.current]);

  const edited = draft !== undefined && isEdited(draft);
  return (
    <div class="file">
      <div class="bar">
        <strong class="cut">{path}</strong>
        <span class={doing.value ? "faint working" : "faint"} role="status">
          {draft?.isBehind
            ? ""
            : draft && doing.value
              ? doing.value
              : !canOpen
                ? "…"
                : !mayEdit
                  ? "read only"
                  : edited
                    ? "not saved"
                    : "as on the disk"}
        </span>
        <span class="end actions">
          <button
            type="button"
            class="small quiet"
            disabled={!edited || doing.value !== ""}
            onClick={() => run(() => revert(name, path))}
          >
            Revert
          </button>
          <button
            type="button"
            class="small quiet"
            disabled={!edited || isPage(path) || doing.value !== "" || !may("operate")}
            onClick={rehearse}
          >
            Rehearse
          </button>
          <button
            type="button"
            class="small"
            disabled={!edited || doing.value !== "" || !mayEdit}
            onClick={save}
          >
            Save
          </button>
        </span>
      </div>
      {draft?.isBehind && (
        <p class="behind" role="alert">
          The file has changed on the disk meanwhile.
          <button type="button" class="small quiet" onClick={() => run(() => revert(name, path))}>
            Take that
          </button>
          <button type="button" class="small quiet" onClick={() => run(() => overwrite(name, path))}>
            Write over it
          </button>
        </p>
      )}
      {problem.value && !draft?.isBehind && (
        <p class="wrong" role="alert">
          {problem.value}
        </p>
      )}
      <div class="code-box" ref={place} />
      {failure.value && <CodeFrame error={failure.value} />}
      {report.value && <Report report={report.value} />}
    </div>
  );
}
