// Whether every enabled part works: the store by asking it now and then, channels and desks by their own word.
// What a person turned off is no fault.
import type { Channel } from './channels/channel.ts';
import type { Desk } from './desk/desk.ts';
import type { Store } from './store/store.ts';
import type { HealthReport } from './web/deps.ts';

const PING_EVERY = 5_000;

interface Watched {
  readonly store: Pick<Store, 'ping'>;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly desks: readonly Desk[];
}

export function watchHealth(parts: Watched): {
  readonly report: (now: number) => HealthReport;
  stop(): void;
} {
  let lost: string | undefined;
  const ping = (): void => {
    parts.store.ping().then(
      () => {
        lost = undefined;
      },
      () => {
        lost = 'the database cannot be reached';
      },
    );
  };
  const timer = setInterval(ping, PING_EVERY);
  return {
    report(now) {
      const all = [
        { name: 'store', ok: lost === undefined, ...(lost === undefined ? {} : { reason: lost }) },
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
