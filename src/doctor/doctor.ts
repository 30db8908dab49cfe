// Examines the whole set-up, whether the program runs or not, and tells what it finds with what to do. It mends nothing,
// and no value of a secret ever becomes part of a finding.
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type Database,
  embeddedFile,
  isInUse,
  momentOf,
  NoRoomError,
  openCopy,
  openDatabase,
} from '../backup/database.ts';
import { type Examined, type Finding, finding } from '../channels/examine.ts';
import { examineFlows } from './flows.ts';
import { asReplayed } from './invariants/as-replayed.ts';
import { createLook } from './invariants/look.ts';
import { noCrossTalk } from './invariants/no-cross-talk.ts';
import { nothingLost } from './invariants/nothing-lost.ts';
import { oneEffect } from './invariants/one-effect.ts';
import { examineProgram, examinePublicUrl, isRunningAt, nearUrl } from './program.ts';
import { examineRedis } from './redis.ts';
import { examineEnvFile, examineFolder, examineSecrets, ROOM } from './settings.ts';
import { examineStore } from './store.ts';

export interface Setup {
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly envFile: string;
  /** Folder of the program's own texts. */
  readonly locales: string;
  readonly settings:
    | { readonly faults: readonly { readonly setting: string; readonly message: string }[] }
    | SoundSettings;
  /** Those that are turned on. */
  readonly networks: readonly {
    readonly name: string;
    readonly examine: (about: Examined) => Promise<readonly Finding[]>;
  }[];
  readonly now: () => number;
  /** Bytes of free disk; absent: the usual ones. */
  readonly room?: { readonly warning: number; readonly error: number };
}

/** Of the program's settings what is examined here. */
export interface SoundSettings {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly flowsDir: string;
  readonly defaultLocale: string;
  readonly publicUrl?: string;
  readonly mongodbUri?: string;
  readonly redisUrl?: string;
}

/** Findings as they come, part by part. */
export async function* doctor(setup: Setup): AsyncGenerator<Finding> {
  const { settings, values, now } = setup;
  yield* examineSecrets(values);
  yield* await guarded('secrets', async () => examineEnvFile(setup.envFile));
  if ('faults' in settings) {
    for (const { setting, message } of settings.faults)
      yield finding('settings', 'error', 'settings.wrong', { setting, message });
    return;
  }
  yield finding('settings', 'ok', 'settings.sound');
  const { dataDir, publicUrl, redisUrl } = settings;
  yield* await guarded('data', () => examineFolder(dataDir, setup.room ?? ROOM));
  const folders = { flows: settings.flowsDir, locales: setup.locales };
  yield* await guarded('flows', async () => examineFlows(folders, settings.defaultLocale));
  const near = nearUrl(settings.host, settings.port);
  const isRunning = await isRunningAt(near);
  yield* await guarded('program', () => examineProgram(near));
  yield* await guarded('address', () => examinePublicUrl(publicUrl, isRunning));
  if (redisUrl !== undefined) yield* await guarded('redis', () => examineRedis(redisUrl));
  yield* await examineData(settings, isRunning, now);
  for (const { name, examine } of setup.networks)
    yield* await guarded(name, () => examine({ publicUrl, now }));
}

/** One part's failure is a finding, and the others are examined all the same. */
async function guarded(part: string, work: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await work();
  } catch (error) {
    return [finding(part, 'error', 'failed', { part, why: nameOf(error) })];
  }
}

/** Never the message: a driver's may hold an address with its password. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && error.code !== undefined ? `${error.name} ${String(error.code)}` : error.name;
}

async function examineData(
  settings: SoundSettings,
  isRunning: boolean,
  now: () => number,
): Promise<readonly Finding[]> {
  const { dataDir, mongodbUri, defaultLocale } = settings;
  const kind = mongodbUri === undefined ? 'embedded' : 'mongodb';
  const found: Finding[] = [];
  let database: Database;
  try {
    if (mongodbUri === undefined) {
      if (!existsSync(embeddedFile(dataDir))) return [finding('store', 'ok', 'store.none')];
      if (isInUse(dataDir)) found.push(finding('store', 'ok', 'store.in_use'));
      const { bavail, bsize } = await statfs(dataDir);
      database = await openCopy(dataDir, resolve(dataDir), bavail * bsize);
    } else database = await openDatabase(mongodbUri);
  } catch (error) {
    if (error instanceof NoRoomError) return [...found, finding('store', 'warning', 'store.no_room')];
    const code = kind === 'embedded' ? 'store.unreadable' : 'store.unreachable';
    return [...found, finding('store', 'error', code, { why: nameOf(error) })];
  }
  try {
    const state = await guarded('store', () => examineStore(database, kind, now));
    found.push(...state);
    if (state.some(({ code }) => code === 'store.empty' || code === 'failed')) return found;
    const moment = kind === 'mongodb' ? await momentOf(database) : undefined;
    if (kind === 'mongodb' && !moment && isRunning)
      found.push(finding('invariants', 'warning', 'invariants.moving'));
    const look = createLook(database.db, moment);
    const isIndexed = !state.some(({ vars }) => vars?.index === 'journal.event');
    const held = kind === 'embedded' ? isInUse(dataDir) : isRunning;
    for (const check of [
      () => nothingLost(look, now(), { isRunning: held, isIndexed }),
      () => oneEffect(look, defaultLocale),
      () => noCrossTalk(look),
      () => asReplayed(look),
    ])
      found.push(...(await guarded('invariants', check)));
    await moment?.endSession();
    return found;
  } finally {
    await database.close();
  }
}
