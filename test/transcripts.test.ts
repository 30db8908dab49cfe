// The talks as people have them, played through the whole program: what they document is how it behaves.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSources } from '../src/app/library.ts';
import { compileRelease } from '../src/flow/parse.ts';
import { play } from './transcript/play.ts';
import { readTranscript } from './transcript/transcript.ts';
import { type Ground, layGround, ROOT } from './transcript/world.ts';

const folder = join(ROOT, 'test', 'transcripts');
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
/** Share of the shipped flows' nodes that the transcripts must come through. */
const LEAST = 0.9;

describe('transcripts', () => {
  const visited = new Set<string>();
  let played = 0;
  let ground: Ground;
  beforeAll(async () => {
    ground = await layGround();
  });
  afterAll(() => ground.stop());

  for (const name of names) {
    const transcript = readTranscript(join(folder, name));
    test(`${name.slice(0, -5)}: ${transcript.title}`, async () => {
      for (const node of await play(ground, transcript)) visited.add(node);
      played += 1;
    });
  }

  test('come through nearly all nodes', () => {
    // With some left out by name there is nothing to tell.
    if (played < names.length) return;
    const { release } = compileRelease(
      readSources({ flows: join(ROOT, 'flows'), locales: join(ROOT, 'locales') }),
      {
        defaultLocale: 'ru',
      },
    );
    const all = [...(release?.flows.values() ?? [])].flatMap((flow) =>
      [...flow.nodes.keys()].map((id) => `${flow.name}.${id}`),
    );
    const missed = all.filter((node) => !visited.has(node));
    const share = 1 - missed.length / all.length;
    console.log(
      `transcripts come through ${all.length - missed.length} of ${all.length} nodes; not through: ${missed.join(', ') || 'none'}`,
    );
    expect(share).toBeGreaterThanOrEqual(LEAST);
  });
});
