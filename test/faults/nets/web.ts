// The chat page in a run: nothing stands in for it, since people's pages ask the program itself. It tells of each event
// that the program said it had taken.
import { createWebFace } from '../face-web.ts';
import type { Call, Net, NetOptions } from '../net.ts';

export function startWebNet({ watch, port }: NetOptions): Net {
  const taken: Call[] = [];
  const listeners = new Set<() => void>();
  const note = (): void => {
    const base = { params: undefined, answered: true, fault: undefined, effect: true };
    taken.push({ ...base, id: taken.length, at: Date.now(), method: 'taken' });
    for (const listener of [...listeners]) listener();
  };
  return {
    name: 'web',
    channel: 'web',
    env: {},
    secrets: [],
    face: (who, random) => createWebFace({ port, who, watch, random, taken: note }),
    requests: [],
    receptions: taken,
    receives: 'taken',
    methods: [],
    listen(change) {
      listeners.add(change);
      return () => void listeners.delete(change);
    },
    violations: [],
    pending: 0,
    stop: async () => {},
  };
}
