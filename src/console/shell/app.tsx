import { ApplicationPage } from "./application_page.tsx";
import { Overview } from "../overview/overview_page.tsx";
import { hrefOf, place, spot } from "../parts/address.ts";
import { Empty, Trouble } from "../parts/problem.tsx";
import { link, refusal } from "../server/overview.ts";
import { Header } from "./header.tsx";
import { Help } from "./help.tsx";
import { Sidebar } from "./sidebar.tsx";
import { TokenForm } from "./token_form.tsx";

/** The whole console. */
export function App() {
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        Skip to the content
      </button>
      <Header />
      {link.value === "locked" ? (
        <main id="main" class="alone" tabIndex={-1}>
          <TokenForm />
        </main>
      ) : (
        <div class="frame">
          <Sidebar />
          <main id="main" tabIndex={-1}>
            <Trouble />
            <Page />
          </main>
        </div>
      )}
      <Help />
    </>
  );
}

function Page() {
  if (link.value === "refused") return <Empty title="The server refuses.">{<p>{refusal.value}</p>}</Empty>;
  if (place.value.length === 0) return <Overview />;
  // Behind an item there is nothing.
  if (!spot.value || place.value.length > 4) return <Nowhere />;
  const { application, section, item } = spot.value;
  return <ApplicationPage key={application} name={application} section={section} item={item} />;
}

function Nowhere() {
  return (
    <Empty title="There is nothing at this address.">
      <p>
        <a href={hrefOf()}>To the overview</a>
      </p>
    </Empty>
  );
}

/** A button and no link, since the address after `#` says where one is. */
function skip(): void {
  document.getElementById("main")?.focus();
}
