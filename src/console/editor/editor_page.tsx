import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { hrefOf } from "../parts/address.ts";
import { Empty } from "../parts/problem.tsx";
import { bytes } from "../parts/words.ts";
import { api, ask } from "../server/ask.ts";
import { lastPagesEdit } from "../server/feed.ts";
import type { ApplicationOverview } from "../server/overview.ts";
import { draftOf, isEdited } from "./drafts.ts";
import { FileEditor } from "./file_editor.tsx";

/** Files that the list shows. */
const MOST_FILES = 500;

/** A file of an application. */
interface ListedFile {
  readonly path: string;
  readonly bytes: number;
}

/** The files of an application, and the one that is open. */
export function EditorPage({
  application,
  path,
}: {
  application: ApplicationOverview;
  path: string | undefined;
}) {
  const { name, version } = application;
  const files = useSignal<readonly ListedFile[]>([]);
  /** Undefined until the server has said it. */
  const isWritable = useSignal<boolean | undefined>(undefined);
  const isListed = useSignal(false);
  const problem = useSignal("");
  useEffect(() => {
    ask<{ files: ListedFile[]; isWritable: boolean }>("GET", api(name, "files")).then(
      (answer) => {
        files.value = answer.files;
        isWritable.value = answer.isWritable;
        isListed.value = true;
        problem.value = "";
      },
      (error: Error) => {
        problem.value = error.message;
      },
    );
  }, [name, version, lastPagesEdit(name)]);
  const open = path ?? files.value.find(({ path }) => path.endsWith(".ts"))?.path;
  if (isListed.value && files.value.length === 0)
    return (
      <Empty title="It has no files on the disk.">
        <p>The program that runs this server gives its sources.</p>
      </Empty>
    );
  if (problem.value && files.value.length === 0)
    return (
      <Empty title="Its files can't be shown.">
        <p>{problem.value}</p>
      </Empty>
    );
  return (
    <section class="editor" aria-label="Editor">
      <nav class="files" aria-label={`Files of ${name}`}>
        <ul>
          {files.value.slice(0, MOST_FILES).map((file) => (
            <li key={file.path}>
              <a
                href={hrefOf("a", name, "editor", file.path)}
                aria-current={file.path === open ? "page" : undefined}
                title={file.bytes > 0 ? bytes(file.bytes) : undefined}
              >
                <span class="cut">{file.path}</span>
                <FileMark application={name} path={file.path} />
              </a>
            </li>
          ))}
        </ul>
        {files.value.length > MOST_FILES && <p class="faint">and {files.value.length - MOST_FILES} more</p>}
      </nav>
      {open !== undefined && (
        <FileEditor key={open} application={application} path={open} isWritable={isWritable.value} />
      )}
    </section>
  );
}

function FileMark({ application, path }: { application: string; path: string }) {
  const draft = draftOf(application, path);
  if (!draft || !isEdited(draft)) return null;
  return (
    <span class="edited" title="not saved">
      •<span class="unseen">not saved</span>
    </span>
  );
}
