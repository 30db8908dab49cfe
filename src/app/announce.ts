// Tells operators when a channel or another desk has been ill for a while, and when it is well again: once each, over
// restarts and several processes too. It asks for health and waits for no network; whoever hangs delays only what is told to themselves.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Health } from '../channels/channel.ts';
import { DeliveryError } from '../core/errors.ts';
import type { Desk } from '../desk/desk.ts';
import { errorFields } from '../log.ts';
import { channelName } from '../text/channel-name.ts';
import type { Shell } from './shell.ts';

const EVERY = 10_000;
/** So long it must be ill, or well, before it is told; longer with each pair told within the hour. */
const PATIENCE = 60_000;
const MOST_DOUBLINGS = 4;
const HOUR = 3_600_000;
/** For a process that did not see what another told: it says that all is well after so many times the patience. */
const SECOND_HAND = 5;
/** A desk that refused is told again not before. */
const PAUSE = 60_000;
/** What is being told while the program ends is waited for no longer. */
const LAST = 1_000;

export interface Announcer {
  /** Looks once at the health of all; resolves when what there was to tell is told or refused. */
  look(): Promise<void>;
  /** The same, waiting for nothing. */
  glance(): void;
  start(): void;
  stop(): Promise<void>;
}

/** What a desk was told of a part last. */
interface Told {
  readonly ill: boolean;
  /** Moments of what it was told within the hour. */
  readonly at: readonly number[];
  /** The process that told it. */
  readonly by?: string;
}

interface Part {
  readonly name: string;
  readonly desk?: Desk;
  readonly title: string;
  readonly health: Health;
}

type Ports = Pick<Shell, 'channels' | 'desks' | 'rules' | 'clock' | 'log'> & {
  readonly runtime: Pick<Shell['runtime'], 'shared' | 'claim'>;
  readonly store: Pick<Shell['store'], 'settings'>;
};

export function createAnnouncer(ports: Ports): Announcer {
  const { settings } = ports.store;
  const me = randomUUID();
  const since = new Map<string, { readonly ok: boolean; readonly at: number }>();
  const underWay = new Map<string, Promise<void>>();
  const known = new Map<string, Told>();
  const notBefore = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  function say(key: string, vars?: Readonly<Record<string, string>>): string {
    const { texts, deskLocale } = ports.rules();
    return texts.t(deskLocale, key, vars);
  }

  function partsAt(now: number): readonly Part[] {
    const { texts, deskLocale } = ports.rules();
    return [
      ...[...ports.channels.values()].map((channel) => ({
        name: `channel:${channel.name}`,
        title: channelName(texts, deskLocale, channel.name),
        health: channel.health(now),
      })),
      ...ports.desks.map((desk) => ({
        name: `desk:${desk.id}`,
        desk,
        title: say('desk:announce.desk', { name: desk.id }),
        health: desk.health(now),
      })),
    ];
  }

  async function toldOf(key: string): Promise<Told> {
    const cached = ports.runtime.shared ? undefined : known.get(key);
    if (cached) return cached;
    const kept = await settings.get(key);
    return kept === undefined ? { ill: false, at: [] } : (JSON.parse(kept) as Told);
  }

  async function consider(desk: Desk, part: Part, stood: number, now: number): Promise<void> {
    const key = `announced.${desk.id}.${part.name}`;
    const due = async (): Promise<readonly number[] | undefined> => {
      const before = await toldOf(key);
      known.set(key, before);
      if (before.ill !== part.health.ok || now < (notBefore.get(key) ?? 0)) return undefined;
      const lately = before.at.filter((at) => at > now - HOUR);
      // What comes and goes all day is told less and less often.
      const doubled = PATIENCE * 2 ** Math.min(MOST_DOUBLINGS, Math.floor(lately.length / 2));
      const isSecondHand = ports.runtime.shared && before.ill && before.by !== me;
      return stood < doubled * (isSecondHand ? SECOND_HAND : 1) ? undefined : lately;
    };
    if (!(await due())) return;
    const claim = await ports.runtime.claim(key);
    if (!claim) return;
    try {
      // Another process may have told it before the name was ours.
      const lately = await due();
      if (lately) await tell(desk, part, key, lately, now);
    } finally {
      await claim.release().catch(() => undefined);
    }
  }

  async function tell(
    desk: Desk,
    part: Part,
    key: string,
    lately: readonly number[],
    now: number,
  ): Promise<void> {
    const ill = !part.health.ok;
    const vars = { name: part.title, reason: part.health.reason ?? say('desk:announce.unknown') };
    try {
      await desk.announce?.(ill ? say('desk:announce.ill', vars) : say('desk:announce.back', vars));
    } catch (error) {
      // It may have arrived: told twice is worse than told late.
      if (!(error instanceof DeliveryError && error.verdict === 'unknown')) {
        const wait = error instanceof DeliveryError ? (error.retryAfter ?? PAUSE) : PAUSE;
        notBefore.set(key, ports.clock() + wait);
        ports.log.warn({ desk: desk.id, part: part.name, ...errorFields(error) }, 'a desk could not be told');
        return;
      }
    }
    const told: Told = { ill, at: [...lately, now], by: me };
    known.set(key, told);
    await settings.set(key, JSON.stringify(told));
  }

  async function look(): Promise<void> {
    const now = ports.clock();
    const parts = partsAt(now);
    for (const { name, health } of parts) {
      if (since.get(name)?.ok !== health.ok) since.set(name, { ok: health.ok, at: now });
    }
    const begun: Promise<void>[] = [];
    for (const { desk } of parts.filter(({ health }) => health.ok)) {
      if (!desk?.announce) continue;
      for (const part of parts) {
        const key = `${desk.id} ${part.name}`;
        if (part.desk === desk || part.health.elsewhere || underWay.has(key)) continue;
        const telling = consider(desk, part, now - (since.get(part.name)?.at ?? now), now)
          .catch((error: unknown) =>
            ports.log.warn(
              errorFields(error),
              'what a desk was told could not be kept; it may be told again',
            ),
          )
          .finally(() => underWay.delete(key));
        underWay.set(key, telling);
        begun.push(telling);
      }
    }
    await Promise.all(begun);
  }

  function glance(): void {
    look().catch((error: unknown) => ports.log.error(errorFields(error), 'health could not be looked at'));
  }

  return {
    look,
    glance,
    start() {
      timer ??= setInterval(glance, EVERY);
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await Promise.race([Promise.all(underWay.values()), pause(LAST, undefined, { ref: false })]);
    },
  };
}
