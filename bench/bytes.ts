// S2 and S3 in bytes: what is kept between two messages, and what one commit of ours writes. Exact, no timing.
import { calculateObjectSize, type Document } from 'bson';
import { changesOf } from '../src/store/session-changes.ts';
import { ACTOR_TEXT, CONTENDERS, CONVERSATIONS, ENGINE, FLOOR } from './dialogue/contenders.ts';
import { type Dialogue, nps, survey } from './dialogue/dialogue.ts';
import { createEngineWatched, type Written } from './dialogue/engine.ts';
import { playOnce } from './dialogue/play.ts';
import { against, figure, table, whole } from './table.ts';

const json = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');
/** Arrays and texts have no document of their own. */
const bson = (value: unknown): number => calculateObjectSize({ r: value } as Document);

/** The ids in it are as long as ids are; they are left out, as for every other contender, whose key is not counted. */
const withoutIds = (kept: unknown): unknown => ({ ...(kept as object), i: '', h: '' });

const POINTS: readonly { dialogue: Dialogue; answered: number; most?: number }[] = [
  { dialogue: nps(), answered: 2, most: 150 },
  { dialogue: survey(40), answered: 38, most: 560 },
  { dialogue: survey(200), answered: 198 },
];
const nameOf = ({ dialogue, answered }: (typeof POINTS)[number]): string =>
  `${dialogue.name}, answer ${answered} of ${dialogue.questions}`;

export async function keptTable(): Promise<string> {
  const rows: string[][] = [];
  for (const name of [FLOOR, ACTOR_TEXT, CONVERSATIONS, ENGINE]) {
    const row = [name === ENGINE ? 'Otklik, run in the document' : name.replace(', snapshot as JSON', '')];
    for (const { dialogue, answered } of POINTS) {
      const { kept } = await playOnce(CONTENDERS[name]!, dialogue, dialogue.scripts[0]!);
      if (kept.at(-1) !== undefined) throw new Error(`${name} keeps something of the talk after its end`);
      const state = name === ENGINE ? withoutIds(kept[answered - 1]) : kept[answered - 1];
      row.push(`${whole(json(state))} / ${whole(bson(state))}`);
    }
    rows.push(row);
  }
  const goals: string[][] = [];
  for (const point of POINTS) {
    if (point.most === undefined) continue;
    const { kept } = await playOnce(CONTENDERS[ENGINE]!, point.dialogue, point.dialogue.scripts[0]!);
    const size = bson(withoutIds(kept[point.answered - 1]));
    goals.push([nameOf(point), whole(size), `≤ ${point.most}`, against(size, point.most)]);
  }
  return [
    table(
      'S3  Position and answers between two messages, besides ids: bytes of JSON / BSON; after the end nothing is left in any',
      ['contender', ...POINTS.map(nameOf)],
      rows,
    ),
    table('S3  Goals (BSON)', ['engine', 'bytes', 'goal', ''], goals),
  ].join('\n');
}

export async function writtenTable(): Promise<string> {
  const sizes: { name: string; whole: number; outbox: number; update: number }[] = [];
  for (const point of POINTS) {
    const { dialogue, answered } = point;
    const { kept } = await playOnce(
      createEngineWatched,
      dialogue,
      dialogue.scripts[0]!,
      (contender, contact) =>
        'written' in contender && typeof contender.written === 'function'
          ? contender.written(contact)
          : undefined,
    );
    const { before, after } = kept[answered - 1] as Written;
    sizes.push({
      name: nameOf(point),
      whole: calculateObjectSize({ ...after }),
      outbox: bson(after.x),
      update: calculateObjectSize({ q: { _id: before._id, v: before.v }, u: changesOf(before, after) }),
    });
  }
  const [first] = sizes;
  return table(
    'S2  What one commit writes, bytes of BSON (goal: the same at any length)',
    ['document of the engine', 'update', 'of it outbox', 'all else', 'growth', '', 'document, whole'],
    sizes.map((one) => [
      one.name,
      whole(one.update),
      whole(one.outbox),
      whole(one.update - one.outbox),
      `${figure(one.update / first!.update)} ×`,
      against(one.update - one.outbox, first!.update - first!.outbox),
      whole(one.whole),
    ]),
  );
}
