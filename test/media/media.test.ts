// The media store on a real folder: same bytes back, kinds by bytes, one copy, one fetch, no path from outside.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Channel, FileBytes } from '../../src/channels/channel.ts';
import { DeliveryError } from '../../src/core/errors.ts';
import type { Attachment, AttachmentKind } from '../../src/core/message.ts';
import { createMedia, MEDIA_LIMIT, safeName } from '../../src/media/media.ts';
import { ABILITIES } from '../channels/abilities.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const ogg = Buffer.concat([Buffer.from('OggS'), Buffer.alloc(24), Buffer.from('OpusHead'), Buffer.alloc(32)]);
const mp4 = Buffer.from('000000186674797069736f6d0000020069736f6d69736f32', 'hex');
const mp3 = Buffer.concat([
  Buffer.from('ID3\x03\x00\x00\x00\x00\x00\x00'),
  Buffer.from([0xff, 0xfb, 0x90, 0x64]),
  Buffer.alloc(420),
]);
const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
const xmlSvg = Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>');
const html = Buffer.from('<!doctype html><script>alert(1)</script>');

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'otklik-media-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const mediaOf = (fetchers: (channel: string) => Channel | undefined = () => undefined) =>
  createMedia({ dir, fetchers, now: Date.now });

async function everyFile(): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DeliveryError);
  return error instanceof DeliveryError ? `${error.verdict} ${error.reason}` : '';
}

/** A network that holds one file and counts how often it is asked. */
function network(file: FileBytes | Error): { channel: Channel; asked(): number } {
  let asked = 0;
  const channel: Channel = {
    name: 'net',
    abilities: ABILITIES.telegram,
    start: async () => {},
    stop: async () => {},
    health: () => ({ ok: true }),
    send: async () => ({ message: '1' }),
    async fetch() {
      asked++;
      if (file instanceof Error) throw file;
      return file;
    },
  };
  return { channel, asked: () => asked };
}

describe('keeping', () => {
  test('gives the same bytes back, under their hash, readable by the owner only', async () => {
    const media = mediaOf();
    const kept = await media.keep({ bytes: png, name: 'чек.png', mime: 'text/html' }, 'photo');
    const id = createHash('sha256').update(png).digest('hex');
    expect(kept).toEqual({
      kind: 'photo',
      ref: `media:${id}`,
      mime: 'image/png',
      name: 'чек.png',
      size: png.length,
    });
    const opened = await media.open(kept);
    expect(Buffer.from(opened.bytes).equals(png)).toBe(true);
    expect([opened.name, opened.mime]).toEqual(['чек.png', 'image/png']);
    expect(await everyFile()).toEqual([join(dir, id.slice(0, 2), id)]);
    expect((await stat(join(dir, id.slice(0, 2), id))).mode & 0o777).toBe(0o600);
  });

  test('keeps equal bytes once, also when they come at once', async () => {
    const media = mediaOf();
    const kept = await Promise.all(
      Array.from({ length: 8 }, (_, index) => media.keep({ bytes: png, name: `${index}.png` }, 'photo')),
    );
    expect(new Set(kept.map((one) => one.ref)).size).toBe(1);
    expect(await everyFile()).toHaveLength(1);
  });

  test('mends a copy that is not whole', async () => {
    const media = mediaOf();
    const kept = await media.keep({ bytes: png }, 'photo');
    const [path] = await everyFile();
    await writeFile(path ?? '', png.subarray(0, 10));
    await media.keep({ bytes: png }, 'photo');
    expect(Buffer.from((await media.open(kept)).bytes).equals(png)).toBe(true);
  });

  test.each<[string, Uint8Array, string | undefined, AttachmentKind, AttachmentKind, string]>([
    ['a picture', png, undefined, 'photo', 'photo', 'image/png'],
    ['a picture sent as a file', png, undefined, 'document', 'document', 'image/png'],
    [
      'words that claim to be a picture',
      Buffer.from('hello'),
      'image/png',
      'photo',
      'document',
      'application/octet-stream',
    ],
    ['SVG', svg, 'image/svg+xml', 'photo', 'document', 'application/octet-stream'],
    ['SVG with an XML head', xmlSvg, 'image/svg+xml', 'photo', 'document', 'application/xml'],
    ['HTML', html, 'text/html', 'document', 'document', 'application/octet-stream'],
    ['HTML as a picture', html, 'image/jpeg', 'photo', 'document', 'application/octet-stream'],
    ['a voice', ogg, 'audio/ogg; codecs=opus', 'voice', 'voice', 'audio/ogg'],
    ['a song as a voice', mp3, undefined, 'voice', 'voice', 'audio/mpeg'],
    ['a song', mp3, undefined, 'audio', 'audio', 'audio/mpeg'],
    ['a picture as a voice', png, 'audio/ogg', 'voice', 'document', 'image/png'],
    ['a video', mp4, undefined, 'video', 'video', 'video/mp4'],
    ['a video as a picture', mp4, undefined, 'photo', 'document', 'video/mp4'],
    ['a picture as a sticker', png, undefined, 'sticker', 'photo', 'image/png'],
    ['a table', Buffer.from('a,b\n1,2'), 'text/csv', 'document', 'document', 'text/csv'],
    ['nothing at all', new Uint8Array(), undefined, 'document', 'document', 'application/octet-stream'],
  ])('tells %s by its bytes', async (_name, bytes, claimed, wanted, kind, mime) => {
    const kept = await mediaOf().keep({ bytes, ...(claimed && { mime: claimed }) }, wanted);
    expect([kept.kind, kept.mime]).toEqual([kind, mime]);
  });

  test('refuses what is too big, and takes what just fits', async () => {
    const media = mediaOf();
    expect(await refusal(media.keep({ bytes: new Uint8Array(MEDIA_LIMIT + 1) }, 'document'))).toBe(
      'never too_big',
    );
    expect(await everyFile()).toEqual([]);
    expect((await media.keep({ bytes: new Uint8Array(MEDIA_LIMIT) }, 'document')).size).toBe(MEDIA_LIMIT);
  });

  test('a disk that fails makes the send wait, with the cause', async () => {
    await writeFile(join(dir, 'blocked'), '');
    const media = createMedia({ dir: join(dir, 'blocked'), fetchers: () => undefined, now: Date.now });
    expect(await refusal(media.keep({ bytes: png }, 'photo'))).toBe('later storage');
  });

  test('clears what a crash left half written, and only that', async () => {
    const media = mediaOf();
    await media.keep({ bytes: png }, 'photo');
    await writeFile(join(dir, 'tmp', 'old'), 'x');
    await writeFile(join(dir, 'tmp', 'young'), 'x');
    await utimes(join(dir, 'tmp', 'old'), new Date(0), new Date(0));
    await mediaOf().keep({ bytes: ogg }, 'voice');
    expect(await readdir(join(dir, 'tmp'))).toEqual(['young']);
  });
});

describe('opening', () => {
  const foreign: Attachment = { kind: 'photo', ref: 'net:file/../1', name: 'a.png' };

  test('asks the network once, also for two readers and after a restart', async () => {
    const net = network({ bytes: png, mime: 'image/png', name: 'theirs.png' });
    const fetchers = (name: string) => (name === 'net' ? net.channel : undefined);
    const media = mediaOf(fetchers);
    const [first, second] = await Promise.all([media.open(foreign), media.open(foreign)]);
    expect(Buffer.from(first.bytes).equals(png)).toBe(true);
    expect(second.name).toBe('a.png');
    const again = await mediaOf(fetchers).open({ kind: 'photo', ref: 'net:file/../1' });
    expect(Buffer.from(again.bytes).equals(png)).toBe(true);
    expect([again.name, again.mime]).toEqual(['theirs.png', 'image/png']);
    expect(net.asked()).toBe(1);
    expect((await everyFile()).every((path) => path.startsWith(`${dir}/`) && !path.includes('..'))).toBe(
      true,
    );
  });

  test('asks again when our copy is gone, and when the first fetch failed', async () => {
    const net = network({ bytes: png });
    await mediaOf(() => net.channel).open(foreign);
    for (const path of await everyFile()) if (!path.includes('alias')) await rm(path);
    await mediaOf(() => net.channel).open(foreign);
    expect(net.asked()).toBe(2);

    const failing = network(new DeliveryError('later', 'network'));
    const media = mediaOf(() => failing.channel);
    const other = { ...foreign, ref: 'net:2' };
    expect(await refusal(media.open(other))).toBe('later network');
    expect(await refusal(media.open(other))).toBe('later network');
    expect(failing.asked()).toBe(2);
  });

  test('keeps nothing of a file that is too big', async () => {
    const net = network({ bytes: new Uint8Array(MEDIA_LIMIT + 1) });
    expect(await refusal(mediaOf(() => net.channel).open(foreign))).toBe('never too_big');
    expect(await everyFile()).toEqual([]);
  });

  test.each([
    [`media:${'0'.repeat(64)}`],
    ['media:../../etc/passwd'],
    ['media:'],
    [`media:${'A'.repeat(64)}`],
    [`media:${'0'.repeat(63)}/`],
    ['nowhere:1'],
    ['noword'],
    ['/etc/passwd'],
    [''],
  ])('of %j says that it is gone', async (ref) => {
    expect(await refusal(mediaOf().open({ kind: 'photo', ref }))).toBe('never gone');
  });

  test('a place has no bytes', async () => {
    const place: Attachment = { kind: 'location', location: { latitude: 1, longitude: 2 } };
    expect(await refusal(mediaOf().open(place))).toBe('never no_file');
  });
});

test.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\temp\\чек.jpg', 'чек.jpg'],
  ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
  ['a\nb\0c.txt', 'abc.txt'],
  ['.env', 'env'],
  ['..', undefined],
  ['', undefined],
  [`${'я'.repeat(300)}.pdf`, `${'я'.repeat(100)}…${'я'.repeat(15)}.pdf`],
])('the name %j is shown as %j', (name, shown) => {
  expect(safeName(name)).toBe(shown);
});
