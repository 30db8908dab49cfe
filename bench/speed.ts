// S1 and S2: what a message costs the CPU, for every contender in one interleaved run; all state in memory.
import {
  ACTOR,
  ACTOR_TEXT,
  CONTENDERS,
  CONVERSATIONS,
  ENGINE,
  ENGINE_TEXT,
  FLOOR,
} from './dialogue/contenders.ts';
import { bigNps, type Dialogue, nps, survey } from './dialogue/dialogue.ts';
import { Crowd } from './dialogue/play.ts';
import { against, figure, table } from './table.ts';
import { type Costs, type Lane, type Pace, type Ratio, ratio, spreadOf, takeTurns } from './turns.ts';

/** At once; few where a single talk is long, so that the talks stand at every place of it. */
const MANY = 1000;
const FEW = 24;
const BIG = `${ENGINE}, flow × 10`;

async function lane(name: string, contender: string, dialogue: Dialogue, talks: number): Promise<Lane> {
  const crowd = new Crowd(name, dialogue, CONTENDERS[contender]!, talks);
  await crowd.spread();
  return { name, work: (deadline) => crowd.playUntil(deadline) };
}

const told = ({ median, low, high }: Ratio): string => `${figure(median)} (${figure(low)}–${figure(high)})`;
const micros = (costs: Costs, name: string): string => figure(spreadOf(costs.get(name) ?? []).median, 1);

export async function npsTable(pace: Pace): Promise<string> {
  const lanes: Lane[] = [];
  for (const name of Object.keys(CONTENDERS)) lanes.push(await lane(name, name, nps(), MANY));
  lanes.push(await lane(BIG, ENGINE, bigNps(), MANY));
  const costs = await takeTurns(lanes, pace);
  const rows = lanes.map(({ name }) => [
    name,
    micros(costs, name),
    told(ratio(costs, name, FLOOR)),
    told(ratio(costs, name, ACTOR)),
    told(ratio(costs, name, CONVERSATIONS)),
  ]);
  const goal = (what: string, one: string, other: string, most: number): string[] => {
    const measured = ratio(costs, one, other);
    return [what, told(measured), `≤ ${figure(most, 3)}`, against(measured.median, most)];
  };
  return [
    table(
      `S1  One message of the NPS dialogue, ${MANY} talks at once, in memory: CPU, median of ${pace.rounds} rounds (quartiles)`,
      ['contender', 'µs', '× floor', '× XState', '× conversations'],
      rows,
    ),
    table(
      'S1  Goals',
      ['ratio', 'measured', 'goal', ''],
      [
        goal('engine / XState, both kept as objects', ENGINE, ACTOR, 0.5),
        goal('engine / XState, both through JSON', ENGINE_TEXT, ACTOR_TEXT, 0.5),
        goal('engine / grammY + conversations', ENGINE, CONVERSATIONS, 1 / 13),
        goal('engine through JSON / grammY + conversations', ENGINE_TEXT, CONVERSATIONS, 1 / 13),
        goal('engine, flow ten times as large / as it is', BIG, ENGINE, 1.1),
      ],
    ),
  ].join('\n');
}

export async function lengthTable(lengths: readonly number[], pace: Pace): Promise<string> {
  const names = Object.keys(CONTENDERS);
  const lanes: Lane[] = [];
  for (const name of names) {
    for (const length of lengths) {
      const label = `${name} ${length}`;
      lanes.push(await lane(label, name, survey(length), name === CONVERSATIONS && length > 40 ? 8 : FEW));
    }
  }
  const costs = await takeTurns(lanes, pace);
  const short = lengths[0]!;
  const long = lengths.at(-1)!;
  const rows = names.map((name) => {
    const growth = ratio(costs, `${name} ${long}`, `${name} ${short}`);
    return [
      name,
      ...lengths.map((length) => micros(costs, `${name} ${length}`)),
      told(growth),
      name === ENGINE || name === ENGINE_TEXT ? against(growth.median, 1.1) : '',
    ];
  });
  return table(
    `S2  One message of a survey of n questions: CPU in µs, and its growth (goal of the engine: ≤ 1.10 from ${short} to ${long})`,
    ['contender', ...lengths.map((length) => `n = ${length}`), `${short} → ${long}`, ''],
    rows,
  );
}
