// Records of a stand-in brought to calls, each as soon as it is there, for stand-ins that write down less or otherwise.
import type { Call } from '../net.ts';

/** Grows with the source; `make` gives an object whose fields may still change, as a call's answer does. */
export function noted<T>(
  source: readonly T[],
  make: (record: T, at: number) => Call,
  listen: (change: () => void) => () => void,
): readonly Call[] {
  const calls: Call[] = [];
  listen(() => {
    for (const record of source.slice(calls.length)) calls.push(make(record, Date.now()));
  });
  return calls;
}
