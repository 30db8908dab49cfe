// Makes a failing run smaller while it still breaks the same rule: fewer kinds of fault, fewer deaths, fewer people. What
// comes out is a command that shows it again.
import type { Told } from './play.ts';
import type { RunOptions } from './sim.ts';
import { PARTS, type Part } from './weather.ts';

const TRIES = 40;

export async function shrink(failing: Told, play: (options: RunOptions) => Promise<Told>): Promise<string> {
  const { seed } = failing;
  const rule = failing.findings[0]?.rule;
  let best: { people?: number; crashes?: number; without: Set<Part> } = { without: new Set() };
  let tries = 0;
  const stillFails = async (given: typeof best): Promise<boolean> => {
    tries += 1;
    if (tries > TRIES) return false;
    const { findings } = await play({ seed, ...given });
    return findings.some((one) => one.rule === rule);
  };
  const tryWith = async (given: typeof best): Promise<boolean> => {
    const fails = await stillFails(given);
    if (fails) best = given;
    return fails;
  };
  for (const part of PARTS) await tryWith({ ...best, without: new Set([...best.without, part]) });
  for (let crashes = failing.weather.crashes - 1; crashes > 0 && !best.without.has('crashes'); crashes -= 1)
    if (!(await tryWith({ ...best, crashes }))) break;
  for (let { people } = failing; people > 1; ) {
    const fewer = Math.floor(people / 2);
    if (!(await tryWith({ ...best, people: fewer }))) break;
    people = fewer;
  }
  const given = [
    `--seed ${seed} --seeds 1`,
    ...(best.people === undefined ? [] : [`--people ${best.people}`]),
    ...(best.crashes === undefined ? [] : [`--crashes ${best.crashes}`]),
    ...(best.without.size > 0 ? [`--without ${[...best.without].join()}`] : []),
  ];
  return `the smallest that breaks ${rule}: node test/sim/run.ts ${given.join(' ')}`;
}
