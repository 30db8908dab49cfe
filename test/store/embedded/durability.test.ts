// What a reply promised is there after kill -9; one folder has one holder; a deep folder has a socket all the same.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { mongo } from 'mongoose';
import { afterEach, expect, test } from 'vitest';
import { StoreInUseError, startEmbedded } from '../../../src/store/embedded/start.ts';

const folders: string[] = [];
const fresh = (): string => {
  folders.push(mkdtempSync(join(tmpdir(), 'otklik-durable-')));
  return folders.at(-1)!;
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A child that inserts without end and prints the id of every insert that was acknowledged. */
const WRITER = `
  import { mongo } from 'mongoose';
  import { startEmbedded } from './src/store/embedded/start.ts';
  const { uri } = await startEmbedded(process.argv[1]);
  const things = (await mongo.MongoClient.connect(uri)).db('otklik').collection('things');
  await things.createIndex({ n: 1 }, { unique: true });
  const write = async (lane) => {
    for (let i = 0; ; i++) {
      await things.insertOne({ _id: lane + '-' + i, n: lane + i, text: 'x'.repeat(200) });
      console.log(lane + '-' + i);
    }
  };
  await Promise.all(['a', 'b', 'c'].map(write));
`;

function startWriter(folder: string): {
  child: ChildProcess;
  acknowledged: string[];
  enough: Promise<void>;
  ended: Promise<void>;
} {
  const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: string[] = [];
  const lines = createInterface({ input: child.stdout! });
  const enough = new Promise<void>((reached) => {
    lines.on('line', (line) => {
      acknowledged.push(line);
      if (acknowledged.length === 300) reached();
    });
  });
  const ended = new Promise<void>((done) => lines.once('close', done));
  return { child, acknowledged, enough, ended };
}

test('after kill -9 every acknowledged insert is there, and the folder is free at once', async () => {
  const folder = fresh();
  const { child, acknowledged, enough, ended } = startWriter(folder);
  await enough;
  await expect(startEmbedded(folder)).rejects.toThrow(StoreInUseError);
  child.kill('SIGKILL');
  await ended;
  const store = await startEmbedded(folder);
  const client = await mongo.MongoClient.connect(store.uri);
  const things = client.db('otklik').collection<{ _id: string; n: string }>('things');
  const there = new Set((await things.find().toArray()).map(({ _id }) => _id));
  expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
  // The index holds exactly the documents, and still refuses twins.
  expect((await things.find({ n: { $gte: '' } }).toArray()).length).toBe(there.size);
  await expect(things.insertOne({ _id: 'twin', n: 'a0' })).rejects.toMatchObject({ code: 11000 });
  await client.close();
  await store.stop();
});

test('one folder has one holder, told with the remedy, until it stops', async () => {
  const folder = fresh();
  const first = await startEmbedded(folder);
  const refused = await startEmbedded(folder).catch((fault) => fault);
  expect(refused).toBeInstanceOf(StoreInUseError);
  expect(refused).toMatchObject({ code: 'store_in_use', message: expect.stringContaining(folder) });
  await first.stop();
  await first.stop();
  const second = await startEmbedded(folder);
  await second.stop();
  expect(existsSync(join(folder, 'store', 'otklik.sqlite-wal'))).toBe(false);
});

test('the folder is private, and a path too deep for a socket is no obstacle', async () => {
  const folder = join(fresh(), ...Array(6).fill('a-rather-long-name-of-a-folder'));
  const store = await startEmbedded(folder);
  expect(statSync(join(folder, 'store')).mode & 0o777).toBe(0o700);
  const client = await mongo.MongoClient.connect(store.uri);
  await client.db('otklik').collection<{ _id: string }>('things').insertOne({ _id: 'x' });
  await client.close();
  await store.stop();
  const again = await startEmbedded(folder);
  const second = await mongo.MongoClient.connect(again.uri);
  expect(await second.db('otklik').collection('things').countDocuments()).toBe(1);
  expect(await second.db('elsewhere').collection('things').countDocuments()).toBe(0);
  await second.close();
  await again.stop();
});
