// The contenders of the bench play the same dialogue: the same words, the same outcome, nothing left behind. Nothing is timed.
import { describe, expect, test } from 'vitest';
import { CONTENDERS } from '../bench/dialogue/contenders.ts';
import { bigNps, type Dialogue, nps, survey } from '../bench/dialogue/dialogue.ts';
import { createFloor } from '../bench/dialogue/floor.ts';
import { Crowd, playOnce } from '../bench/dialogue/play.ts';

const DIALOGUES: readonly Dialogue[] = [nps(), bigNps(), survey(4), survey(40)];

describe.each(Object.entries(CONTENDERS))('%s', (name, make) => {
  test.each(DIALOGUES.map((dialogue) => [dialogue.name, dialogue] as const))(
    'plays %s as the floor does',
    async (_, dialogue) => {
      for (const script of dialogue.scripts) {
        const played = await playOnce(make, dialogue, script);
        const floor = await playOnce(createFloor, dialogue, script);
        expect(played.texts).toEqual(floor.texts);
        expect(played.labels).toEqual(floor.labels);
        expect(played.outcome).toEqual(script.outcome);
        expect(played.kept.at(-1)).toBeUndefined();
        expect(played.kept.slice(0, -1).every((kept) => kept !== undefined)).toBe(true);
      }
    },
  );

  test('plays many talks at once, each to its own end', async () => {
    const crowd = new Crowd(name, nps(), make, 40);
    await crowd.spread();
    expect(await crowd.playUntil(performance.now() + 20)).toBeGreaterThan(0);
  });
});

test('a contender that saves another outcome is found out', async () => {
  const crowd = new Crowd(
    'liar',
    nps(),
    (dialogue, save) => createFloor(dialogue, (contact, outcome) => save(contact, { ...outcome, score: 5 })),
    8,
  );
  await expect(crowd.spread().then(() => crowd.playUntil(performance.now() + 20))).rejects.toThrow('"score"');
});
