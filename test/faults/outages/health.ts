// What each program says of itself at /readyz, asked again and again from outside.
import { setTimeout as pause } from 'node:timers/promises';
import type { Member } from '../fleet.ts';

interface Sample {
  readonly at: number;
  readonly member: number;
  readonly ok: boolean;
  /** What is said to be ill; a program that gives no answer is ill itself. */
  readonly ill: readonly string[];
}

export interface HealthWatch {
  /** Milliseconds from then until one of them first said it was ill; absent: none did. */
  illAfter(from: number): number | undefined;
  /** Milliseconds from then until all of them said they were well, and went on saying so; absent: they do not. */
  wellAfter(from: number): number | undefined;
  /** All that was said to be ill between these moments. */
  ills(from: number, to: number): readonly string[];
  stop(): void;
}

const EVERY = 200;

export function watchHealthOf(members: readonly Member[]): HealthWatch {
  const samples: Sample[] = [];
  let over = false;
  const look = async (member: number, port: number): Promise<void> => {
    while (!over) {
      const at = Date.now();
      const ill = await ask(port);
      samples.push({ at, member, ok: ill.length === 0, ill });
      await pause(EVERY);
    }
  };
  for (const [index, { program }] of members.entries()) void look(index, program.port);
  return {
    illAfter(from) {
      const first = samples.find(({ at, ok }) => at >= from && !ok);
      return first && first.at - from;
    },
    wellAfter(from) {
      const each = members.map((_, index) => {
        const own = samples.filter(({ at, member }) => member === index && at >= from);
        const lastIll = own.findLastIndex(({ ok }) => !ok);
        return own[lastIll + 1]?.at;
      });
      return each.includes(undefined) ? undefined : Math.max(...each.map((at) => (at ?? from) - from));
    },
    ills: (from, to) => [
      ...new Set(samples.filter(({ at }) => at >= from && at <= to).flatMap(({ ill }) => ill)),
    ],
    stop() {
      over = true;
    },
  };
}

async function ask(port: number): Promise<readonly string[]> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(3_000) });
    const { parts } = (await answer.json()) as { parts: { name: string; ok: boolean; reason?: string }[] };
    const ill = parts.flatMap(({ name, ok, reason }) => (ok ? [] : [reason ? `${name}: ${reason}` : name]));
    return answer.ok ? [] : ill.length > 0 ? ill : ['not ready'];
  } catch {
    return ['no answer'];
  }
}
