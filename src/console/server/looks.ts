/** What is asked for again and again while somebody sees it. */
import { useEffect } from "preact/hooks";

/**
 * Asks at once, and again every so many ms while the page is seen and the last answer is there; begins anew when one of `deps` is another.
 * What comes after that is for nobody. Without `failed` a failure is left to the next look: the status line says that the server is away.
 */
export function useLooks<Answer>(
  ask: () => Promise<Answer>,
  take: (answer: Answer) => void,
  every: number,
  deps: readonly unknown[],
  failed: (error: Error) => void = () => {},
): void {
  useEffect(() => {
    let isOver = false;
    let isAsking = false;
    const look = async () => {
      if (isAsking || document.hidden) return;
      isAsking = true;
      try {
        const answer = await ask();
        if (!isOver) take(answer);
      } catch (error) {
        if (!isOver) failed(error as Error);
      }
      isAsking = false;
    };
    look();
    const timer = setInterval(look, every);
    document.addEventListener("visibilitychange", look);
    return () => {
      isOver = true;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, deps);
}
