// Reads something for a view and reads it again when asked; the last reading wins, and what was read stays on the
// page while a newer reading is under way.
import { useCallback, useEffect, useRef, useState } from 'react';
import { get } from './api.ts';

export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly reload: () => void;
}

export function useLoad<T>(path: string): Loaded<T> {
  const [state, setState] = useState<{ path: string; data: T | undefined; error: unknown }>({
    path,
    data: undefined,
    error: undefined,
  });
  const turn = useRef(0);
  const reload = useCallback(() => {
    turn.current += 1;
    const mine = turn.current;
    get<T>(path).then(
      (data) => {
        if (mine === turn.current) setState({ path, data, error: undefined });
      },
      (error: unknown) => {
        if (mine !== turn.current) return;
        setState((before) => ({ path, data: before.path === path ? before.data : undefined, error }));
      },
    );
  }, [path]);
  useEffect(reload, [reload]);
  // What was read for another address is not shown for this one.
  return state.path === path
    ? { data: state.data, error: state.error, reload }
    : { data: undefined, error: undefined, reload };
}
