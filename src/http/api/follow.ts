import type { Applications } from "../../core/application/applications.ts";
import type { Tracing } from "../../core/trace/tracing.ts";

/** Does what a request asks of an application; what comes of it is followed if the request is. */
export type Follow = <T>(request: Request, application: string, title: string, act: () => T) => T;

/** Makes what follows requests; undefined where nothing is followed. */
export function createFollow(
  applications: Pick<Applications, "find">,
  tracing: Tracing | undefined,
): Follow | undefined {
  if (!tracing) return undefined;
  return (request, name, title, act) => {
    const application = applications.find(name);
    if (application) tracing.http(request, request.headers.get("traceparent"), application, title);
    return tracing.within(request, act);
  };
}
