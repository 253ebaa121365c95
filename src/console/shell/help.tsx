import { useEffect, useRef } from "preact/hooks";
import { isHelpShown } from "./keys.ts";
import { sections } from "./sections.ts";

/** The list of keys. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const isShown = isHelpShown.value;
  useEffect(() => {
    if (isShown) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isShown]);
  const close = () => {
    isHelpShown.value = false;
  };
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={close}>
      <h2 id="help-title">Keys</h2>
      <dl>
        <Key keys="/">filter the list</Key>
        <Key keys="g o">overview</Key>
        {sections.map(({ name, title, key }) => (
          <Key key={name} keys={`g ${key}`}>
            {title.toLowerCase()} of this application
          </Key>
        ))}
        <Key keys="Ctrl S">save, in the editor</Key>
        <Key keys="Ctrl Enter">send, in a field of a player</Key>
        <Key keys="↑ ↓">go through a list or a tree; → ← open and close</Key>
        <Key keys="?">this list</Key>
      </dl>
      <button type="button" onClick={close}>
        Close
      </button>
    </dialog>
  );
}

function Key({ keys, children }: { keys: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>
        {keys.split(" ").map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}
