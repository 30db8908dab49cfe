// Reads a view again when a hint concerns it, at most once in a short while however many come.
import { useEffect, useRef } from 'react';
import type { Hint } from './live.ts';

const TOGETHER = 150;

export type Heard = Hint & { readonly n: number };

export function useHints(hint: Heard, concerns: (hint: Hint) => boolean, reload: () => void): void {
  const timer = useRef<number | undefined>(undefined);
  const latest = useRef(reload);
  latest.current = reload;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new hint is told by its number alone.
  useEffect(() => {
    if (hint.n === 0 || !(hint.kind === 'open' || concerns(hint))) return;
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, TOGETHER);
  }, [hint.n]);
  useEffect(
    () => () => {
      window.clearTimeout(timer.current);
      timer.current = undefined;
    },
    [],
  );
}
