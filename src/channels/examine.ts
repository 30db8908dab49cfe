// What an examination of a network finds, as data: the sentences and remedies stand in the texts under `cli:doctor.<code>`.
// An examination reads only, shows no secret, and leaves a running program undisturbed.
import { DeliveryError } from '../core/errors.ts';

export interface Finding {
  /** What was examined: `store`, `secrets`, a network's name, … */
  readonly part: string;
  readonly level: 'ok' | 'warning' | 'error';
  readonly code: string;
  readonly vars?: Readonly<Record<string, string | number>>;
}

export interface Examined {
  readonly publicUrl: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Asks the network whether it takes the settings, by calls that change nothing. */
export type Examine<Config extends object> = (config: Config, about: Examined) => Promise<readonly Finding[]>;

const WARNING_SECONDS = 5;
const ERROR_SECONDS = 60;
const ANSWER_WITHIN = 5_000;

export function finding(
  part: string,
  level: Finding['level'],
  code: string,
  vars?: Finding['vars'],
): Finding {
  return { part, level, code, ...(vars ? { vars } : {}) };
}

/** Our clock against another, whose word was asked for at `from` and there at `to`. */
export function clockFinding(whose: string, theirs: number, from: number, to: number, step: number): Finding {
  // Within the time of asking, and of the other clock's own step, nothing can be told.
  const away = Math.max(from - theirs - step, theirs - to, 0);
  const seconds = Math.round(away / 1_000);
  const level = away > ERROR_SECONDS * 1_000 ? 'error' : away > WARNING_SECONDS * 1_000 ? 'warning' : 'ok';
  return finding('clock', level, level === 'ok' ? 'clock.right' : 'clock.wrong', { whose, seconds });
}

/** By the date a web server puts at the head of its answers; nothing where it cannot be asked. */
export async function clockOf(whose: string, url: string, now: () => number): Promise<readonly Finding[]> {
  try {
    const from = now();
    const answer = await fetch(new URL(url).origin, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
    const theirs = Date.parse(answer.headers.get('date') ?? '');
    return Number.isNaN(theirs) ? [] : [clockFinding(whose, theirs, from, now(), 1_000)];
  } catch {
    // Whether it can be reached is told by its own calls.
    return [];
  }
}

/** Why a call failed, as a stable word and never as the network's own words. */
export const whyOf = (error: unknown): string =>
  error instanceof DeliveryError ? error.reason : error instanceof Error ? error.name : 'unknown';

/** The finding for a call that must succeed before anything else can be asked. */
export function refused(network: string, error: unknown): Finding {
  const why = whyOf(error);
  return finding(network, 'error', why === 'auth' ? 'network.auth' : 'network.unreachable', { network, why });
}
