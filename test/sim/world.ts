// What one run consists of, and what its parts share: time, chance, weather, findings. Everything here is the harness's;
// the program under test sees only the ports that are made of it.
import type { Database } from './database.ts';
import type { Program } from './program.ts';
import type { Random } from './random.ts';
import type { Owner, Scheduler } from './scheduler.ts';
import type { Point, Weather, Window } from './weather.ts';

export type Rule =
  | 'I1 loss'
  | 'I2 effect'
  | 'I3 outcome'
  | 'I4 delivery'
  | 'I5 order'
  | 'I6 cross-talk'
  | 'I7 topic'
  | 'I8 timer'
  | 'I9 determinism'
  | 'I10 liveness'
  | 'I11 echo'
  | 'I14 authority'
  | 'I15 bounds'
  | 'fault in the program';

export interface Finding {
  readonly rule: Rule;
  readonly what: string;
}

/** One life of one instance, from its start to its end. */
export interface Life extends Owner {
  readonly slot: number;
  readonly bornAt: number;
  diedAt: number | undefined;
  /** Calls made so far. */
  calls: number;
  /** It dies at this call, counted among those of the same name where one is told. */
  crashAt:
    | { call: number; readonly label: string | undefined; readonly when: 'before' | 'after' | 'between' }
    | undefined;
  /** How far its clock is off. */
  clockOff: number;
  /** It stood still, as a process does that the machine or its collector keeps waiting. */
  readonly frozen: Window[];
  /** What it is delivering, by the chat or ticket: the outbox entry's id. */
  readonly delivering: Map<string, string>;
}

export interface World {
  readonly seed: number;
  readonly program: Program;
  readonly scheduler: Scheduler;
  readonly weather: Weather;
  readonly database: Database;
  readonly findings: Finding[];
  readonly lives: Life[];
  /** Stream of chance for what goes wrong, apart from what people do. */
  readonly luck: Random;
  hit(point: Point): void;
  find(rule: Rule, what: string): void;
  /** Calls that were refused or came to nothing, by whom and where. */
  readonly refusals: { readonly life: Life; readonly place: string; readonly at: number }[];
  /** When the journal did not take what it was given, or did not tell that it had: it comes again behind others. */
  readonly journalTroubles: number[];
  crash(life: Life): void;
}

export const isIn = (windows: readonly Window[], at: number): boolean => {
  for (const { from, to } of windows) if (at >= from && at < to) return true;
  return false;
};

export const isStormy = ({ weather, scheduler }: World): boolean => scheduler.now < weather.calmFrom;

/** A promise that nothing comes of: who waits for it is dead. */
export const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** What becomes of a call at its other end, and what the caller hears. */
export interface Carried<T> {
  readonly kind: 'store' | 'network';
  readonly label: string;
  readonly latency: number;
  /** What the call does. Throws what the caller is told. */
  readonly effect: () => T;
  /** The caller is told this in place of the answer; `before`: and nothing was done. */
  readonly fault?: { readonly error: () => Error; readonly before: boolean };
  /** The answer was heard. */
  readonly heard?: () => void;
}

/** Counts down to the call it dies at. */
function isLast({ crashAt }: Life, label: string): boolean {
  if (!crashAt || (crashAt.label !== undefined && crashAt.label !== label)) return false;
  crashAt.call -= 1;
  return crashAt.call === 0;
}

/** One call over a wire: it may find its caller dead at either end. */
export function carry<T>(world: World, life: Life, call: Carried<T>): Promise<T> {
  const { scheduler, luck } = world;
  if (life.dead) return never();
  life.calls += 1;
  const dying = isLast(life, call.label) ? life.crashAt?.when : undefined;
  if (dying === 'before') {
    world.hit(`crash before a ${call.kind} call`);
    world.crash(life);
    return never();
  }
  return new Promise<T>((resolve, reject) => {
    const act = (): void => {
      if (life.dead) {
        // It was on its way when its sender died: it may arrive all the same.
        if (call.fault?.before || luck.chance(0.5)) return;
        world.hit('call of the dead arrives');
      }
      let answer: (() => void) | undefined;
      if (call.fault?.before) answer = () => reject(call.fault?.error());
      else {
        try {
          const value = call.effect();
          answer = () => resolve(value);
        } catch (error) {
          answer = () => reject(error);
        }
        if (call.fault) answer = () => reject(call.fault?.error());
      }
      if (life.dead) return;
      if (dying !== undefined) {
        world.hit(dying === 'after' ? `crash after a ${call.kind} call` : 'crash in the middle');
        return world.crash(life);
      }
      const tell = (): void => {
        if (!call.fault) call.heard?.();
        scheduler.owner = life;
        answer?.();
      };
      if ((life.frozenUntil ?? 0) > scheduler.now) scheduler.after(0, 'answer', tell, life);
      else if (luck() < 0.25) scheduler.after(luck() * call.latency, 'answer', tell, life);
      else tell();
    };
    scheduler.after(call.latency, call.label, act, scheduler.world);
  });
}
