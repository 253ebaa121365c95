import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { hasToken, open } from "../server/ask.ts";
import { refresh, refusal, server } from "../server/overview.ts";

/** Asks for the secret, where the page was not opened by the address that has it. */
export function TokenForm() {
  const field = useRef<HTMLInputElement>(null);
  const wrong = useSignal("");
  const submit = async (event: Event) => {
    event.preventDefault();
    const secret = field.current?.value ?? "";
    if (field.current) field.current.value = "";
    try {
      if ((await open(secret)) === "reload") location.reload();
      else refresh();
    } catch (error) {
      wrong.value = (error as Error).message;
    }
  };
  return (
    <form class="token-form" onSubmit={submit}>
      <h1>The console is locked</h1>
      {server.value && (
        <p>
          This tab was open, and is let in no more: its server was started again, and keeps nothing, or it was
          closed elsewhere.
        </p>
      )}
      <p>
        <code>hotroom serve</code> and <code>hotroom dev</code> print a new address at each start, behind the
        word <code>console</code>: open that. Or give its secret, or an admin token, here:
      </p>
      <label for="token">Secret or admin token</label>
      <div class="row">
        <input id="token" ref={field} type="password" autocomplete="off" required />
        <button type="submit">Open</button>
      </div>
      <p class="wrong" role="alert">
        {wrong.value || (hasToken() ? refusal.value : "")}
      </p>
    </form>
  );
}
