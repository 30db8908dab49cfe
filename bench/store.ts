// Measures the embedded store through mongoose: writes, compare-and-set, indexed finds, the time to open, the memory.
// Run it with `npx -c 'node bench/store.ts'`; figures are per second unless they say otherwise.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import { startEmbedded } from '../src/store/embedded/start.ts';

const folder = mkdtempSync(join(tmpdir(), 'otklik-bench-'));
const MANY = 200_000;

async function perSecond(
  name: string,
  count: number,
  lanes: number,
  one: (i: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const start = performance.now();
  const lane = async (): Promise<void> => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  console.log(`${name}: ${Math.round((count / (performance.now() - start)) * 1000)}`);
}

const store = await startEmbedded(folder);
await mongoose.connect(store.uri, { dbName: 'otklik', maxPoolSize: 32 });
const schema = new mongoose.Schema({ _id: String, who: String, version: Number, due: Date, text: String });
const things = mongoose.model('Thing', schema.index({ who: 1, due: -1 }))
  .collection as unknown as mongoose.mongo.Collection<{ _id: string; version: number }>;
await mongoose.model('Thing').init();
const make = (i: number) => ({
  _id: `t${i}`,
  who: `w${i % 5000}`,
  version: 0,
  due: new Date(i * 1000),
  text: 'x'.repeat(200),
});

await perSecond('inserts, one at a time', 2000, 1, (i) => things.insertOne(make(i)));
await perSecond('inserts, 32 at a time', 20_000, 32, (i) => things.insertOne(make(2000 + i)));
await perSecond('compare-and-set updates, one at a time', 2000, 1, (i) =>
  things.updateOne({ _id: `t${i}`, version: 0 }, { $set: { version: 1 } }),
);
await perSecond('compare-and-set updates, 32 at a time', 20_000, 32, (i) =>
  things.updateOne({ _id: `t${2000 + i}`, version: 0 }, { $set: { version: 1 } }),
);
for (let i = 22_000; i < MANY; i += 2000)
  await things.insertMany(Array.from({ length: 2000 }, (_, k) => make(i + k)));
await perSecond('indexed finds of the newest, one at a time', 5000, 1, (i) =>
  things.findOne({ who: `w${i}` } as never, { sort: { due: -1 } }),
);
await perSecond('indexed finds of the newest, 32 at a time', 30_000, 32, (i) =>
  things.findOne({ who: `w${i % 5000}` } as never, { sort: { due: -1 } }),
);
await mongoose.disconnect();
await store.stop();

const start = performance.now();
const again = await startEmbedded(folder);
await mongoose.connect(again.uri, { dbName: 'otklik' });
await things.findOne({ _id: 't199999' });
console.log(`opening ${MANY} documents to the first find, ms: ${Math.round(performance.now() - start)}`);
console.log(`resident memory of the whole process, MB: ${Math.round(process.memoryUsage.rss() / 1e6)}`);
await mongoose.disconnect();
await again.stop();
rmSync(folder, { recursive: true });
