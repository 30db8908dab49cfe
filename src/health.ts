// Whether every enabled part works: the store and Redis by asking them now and then, channels and desks by their own
// word. What a person turned off is no fault.
import type { Channel } from './channels/channel.ts';
import type { Desk } from './desk/desk.ts';
import type { Runtime } from './runtime/runtime.ts';
import type { Store } from './store/store.ts';
import type { HealthReport } from './web/deps.ts';

const PING_EVERY = 5_000;

interface Watched {
  readonly store: Pick<Store, 'ping'>;
  readonly runtime: Pick<Runtime, 'ping'>;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly desks: readonly Desk[];
}

export function watchHealth(parts: Watched): {
  readonly report: (now: number) => HealthReport;
  stop(): void;
} {
  const asked = [
    { name: 'store', reason: 'the database cannot be reached', ping: () => parts.store.ping() },
    ...(parts.runtime.ping
      ? [{ name: 'redis', reason: 'Redis cannot be reached; work waits for it', ping: parts.runtime.ping }]
      : []),
  ];
  const lost = new Set<string>();
  const ping = (): void => {
    for (const one of asked)
      one.ping().then(
        () => lost.delete(one.name),
        () => lost.add(one.name),
      );
  };
  const timer = setInterval(ping, PING_EVERY);
  return {
    report(now) {
      const all = [
        ...asked.map(({ name, reason }) =>
          lost.has(name) ? { name, ok: false, reason } : { name, ok: true },
        ),
        ...[...parts.channels.values()].map((channel) => ({
          name: channel.name,
          ...channel.health(now),
          ...(channel.linking?.state().is === 'off' ? { off: true as const } : {}),
        })),
        ...parts.desks.map((desk) => ({ name: `desk:${desk.id}`, ...desk.health(now) })),
      ];
      return { ok: all.every((part) => part.ok), parts: all };
    },
    stop: () => clearInterval(timer),
  };
}
