// What the transcripts leave in the store breaks no invariant: doctor cries no wolf over talks as people have them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import { embeddedFile, openDatabase } from '../../src/backup/database.ts';
import { asReplayed } from '../../src/doctor/invariants/as-replayed.ts';
import { createLook } from '../../src/doctor/invariants/look.ts';
import { noCrossTalk } from '../../src/doctor/invariants/no-cross-talk.ts';
import { nothingLost } from '../../src/doctor/invariants/nothing-lost.ts';
import { oneEffect } from '../../src/doctor/invariants/one-effect.ts';
import { startEmbedded } from '../../src/store/embedded/start.ts';
import { play } from '../transcript/play.ts';
import { readTranscript } from '../transcript/transcript.ts';
import { createFolders } from './set.ts';

/** Those in which most of what the checks look at comes about. */
const TALKS =
  /^(join|unjoin|two-operators|undelivered|unknown-fate|outside|public|flow-edited|complaint|edits|receipt|burst)\.yaml$/;
const folders = createFolders('doctor-talks');
afterAll(() => folders.clear());

test('talks of many kinds hold all invariants', async () => {
  const dataDir = folders.fresh('talks');
  const transcripts = join(import.meta.dirname, '..', 'transcripts');
  const names = readdirSync(transcripts).filter((name) => TALKS.test(name));
  const server = await startEmbedded(dataDir);
  for (const name of names) await play(server, readTranscript(join(transcripts, name)));
  await server.stop();

  const file = new DatabaseSync(embeddedFile(dataDir), { readOnly: true });
  const dbs = file
    .prepare('SELECT DISTINCT db FROM collections')
    .all()
    .map(({ db }) => String(db));
  file.close();
  expect(dbs.length).toBeGreaterThanOrEqual(names.length);
  const again = await startEmbedded(dataDir);
  const wrong: string[] = [];
  const seen = { sessions: 0, links: 0, tickets: 0 };
  for (const db of dbs) {
    const { db: open, close } = await openDatabase(again.uri.replace('/?', `/${db}?`));
    const look = createLook(open, undefined);
    const found = [
      ...(await nothingLost(look, Date.UTC(2027, 0), { isRunning: true, isIndexed: true })),
      ...(await oneEffect(look, 'ru')),
      ...(await noCrossTalk(look)),
      ...(await asReplayed(look)),
    ];
    for (const { level, code, vars } of found) {
      if (level !== 'ok') wrong.push(`${code} ${JSON.stringify(vars)}`);
      seen.sessions += code === 'i9.sessions' ? Number(vars?.sessions) : 0;
      seen.links += code === 'i6.holds' ? Number(vars?.links) : 0;
      seen.tickets += code === 'i9.tickets' ? Number(vars?.tickets) : 0;
    }
    await close();
  }
  await again.stop();
  expect(wrong).toEqual([]);
  for (const count of Object.values(seen)) expect(count).toBeGreaterThanOrEqual(names.length / 2);
}, 120_000);
