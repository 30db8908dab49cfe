// The terminal over streams of its own: the channels' contract, a piped script, and how lines are read and shown.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTerminal, type TerminalSettings } from '../../src/channels/terminal/adapter.ts';
import { fromLine, toLines } from '../../src/channels/terminal/wire.ts';
import { DeliveryError } from '../../src/core/errors.ts';
import { type InboundEvent, isCustomerEvent } from '../../src/core/event.ts';
import { createMedia } from '../../src/media/media.ts';
import { conformance, type SeenMessage } from './conformance.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'otklik-terminal-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const address = { channel: 'terminal', account: '', peer: 'me' };

function set(more: Partial<TerminalSettings> = {}) {
  const input = new PassThrough();
  const output = new PassThrough();
  let text = '';
  output.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const media = createMedia({ dir: join(dir, 'media'), fetchers: () => undefined, now: Date.now });
  const terminal = createTerminal({
    input,
    output,
    person: { id: 'me', name: 'Анна', locale: 'ru' },
    media,
    dir: join(dir, 'out'),
    now: Date.now,
    words: { cannotAttach: 'cannot attach', waiting: 'waiting' },
    quiet: 20,
    patience: 100,
    ...more,
  });
  return { input, output, media, terminal, shown: () => text };
}

/** The bot's messages in what was printed: marked lines up to an empty one. */
function seenIn(text: string): SeenMessage[] {
  const messages: { text: string; files: Uint8Array[] }[] = [];
  let current: string[] | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('< ')) {
      current ??= [];
      current.push(line.slice(2));
    } else if (current && line === '') {
      const files = current.flatMap((one) => /^\[\w+: (\/.*)\]$/.exec(one)?.[1] ?? []);
      const words = current.filter((one) => !/^\[\w+: \/.*\]$/.test(one));
      messages.push({ text: words.join('\n'), files: files.map((path) => readFileSync(path)) });
      current = undefined;
    }
  }
  return messages;
}

conformance(
  'the terminal',
  async () => {
    const { input, output, media, terminal, shown } = set();
    const write = async (line: string) => void input.write(`${line}\n`);
    return {
      channel: terminal,
      address,
      inject: {
        say: write,
        async file(bytes, kind) {
          const path = join(dir, kind === 'photo' ? 'my photo.png' : 'my file.bin');
          writeFileSync(path, bytes);
          await write(`/attach ${path}`);
        },
        unknown: () => write('   '),
      },
      seen: () => seenIn(shown()),
      keep: (bytes, kind) => media.keep({ bytes }, kind),
      open: async (attachment) => (await media.open(attachment)).bytes,
      faults: { refusals: ['blocked'], refuse: () => void output.end() },
      stop: async () => {},
    };
  },
  {
    buttons: 'abilities.buttons is absent',
    echo: 'its network sends nothing back',
    twice: 'its network delivers once',
    later: 'its network gives no cause for "later"',
    never: 'its network gives no cause for "never"',
    unknownFate: 'its network gives no cause for "unknown"',
    health: 'its network cannot be down',
  },
);

describe('a piped script', () => {
  test('says each line after the answer to the one before, and ends when the last is answered', async () => {
    const { input, terminal, shown } = set({ open: 'shop-7', patience: 5_000 });
    const answer = async (event: InboundEvent) => {
      if (!isCustomerEvent(event)) return;
      const said = event.kind === 'message' ? event.text : `start ${event.kind === 'start' && event.payload}`;
      for (const turn of ['heard', 'thought of']) {
        await terminal.send(address, { key: `k.${turn}.${said}`, message: { text: `${turn} "${said}"` } });
      }
    };
    input.end('first\n\nsecond\n');
    await terminal.start(async (events) => {
      // Answered later, as by a worker of its own.
      for (const event of events) setImmediate(() => void answer(event));
    });
    await terminal.ended;
    expect(shown()).toBe(
      [
        '< heard "start shop-7"\n\n< thought of "start shop-7"\n\n',
        '> first\n< heard "first"\n\n< thought of "first"\n\n',
        '> second\n< heard "second"\n\n< thought of "second"\n\n',
      ].join(''),
    );
    await terminal.stop();
    expect(terminal.health(0)).toEqual({ ok: false, reason: 'the input has ended' });
  });

  test('a bot that says nothing does not hold the script', async () => {
    const { input, terminal } = set({ patience: 30 });
    const said: string[] = [];
    input.end('one\ntwo\n/quit\nnever said\n');
    await terminal.start(async (events) => {
      for (const event of events) if (event.kind === 'message') said.push(event.text);
    });
    await terminal.ended;
    expect(said).toEqual(['one', 'two']);
    await terminal.stop();
  });

  test('a file that is not there is told, and the talk goes on', async () => {
    const { input, terminal, shown } = set({ patience: 5_000 });
    const events: InboundEvent[] = [];
    await terminal.start(async (more) => void events.push(...more));
    input.write('/attach /nowhere/at all.png\nstill here\n');
    await vi.waitFor(() => expect(events).toHaveLength(1));
    expect(shown()).toContain('! cannot attach: /nowhere/at all.png (ENOENT)\n');
    await terminal.stop();
  });

  test('what cannot be kept yet is said to wait, once', async () => {
    const { input, terminal, shown } = set();
    let refusals = 3;
    const ids = new Set<string>();
    let kept = false;
    await terminal.start(async ([event]) => {
      if (event) ids.add(event.id);
      if (refusals-- > 0) throw new Error('down');
      kept = true;
    });
    input.write('hello\n');
    await vi.waitFor(() => expect(kept).toBe(true), { timeout: 5_000 });
    expect(ids.size).toBe(1);
    expect(shown().split('! waiting')).toHaveLength(2);
    await terminal.stop();
  });

  test('two runs never share an id', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 2; index++) {
      const { input, terminal } = set();
      input.end('hello\n');
      await terminal.start(async (events) => void ids.push(...events.map((event) => event.id)));
      await terminal.ended;
      await terminal.stop();
    }
    expect(new Set(ids).size).toBe(2);
  });

  test('a file that is gone is a refusal, with nothing shown', async () => {
    const { terminal, shown } = set();
    await terminal.start(async () => {});
    const message = { text: 'x', attachments: [{ kind: 'photo' as const, ref: `media:${'0'.repeat(64)}` }] };
    const refused = terminal.send(address, { key: 'k', message });
    await expect(refused).rejects.toBeInstanceOf(DeliveryError);
    expect(shown()).toBe('');
    await terminal.stop();
  });
});

describe('at a screen', () => {
  test('text is wrapped to its width, and what is being typed is drawn again', async () => {
    const input: Readable & { isTTY?: boolean; setRawMode?: (mode: boolean) => void } = new PassThrough();
    const output: Writable & { isTTY?: boolean; columns?: number } = new PassThrough();
    Object.assign(input, { isTTY: true, setRawMode: () => {} });
    Object.assign(output, { isTTY: true, columns: 24 });
    let text = '';
    output.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    const { terminal } = set({ input, output });
    const said: string[] = [];
    await terminal.start(async (events) => {
      for (const event of events) if (event.kind === 'message') said.push(event.text);
    });
    input.push('hal');
    await terminal.send(address, { key: 'k', message: { text: 'Как прошёл ваш визит в наш магазин?' } });
    expect(text).toContain('< Как прошёл ваш визит в\n< наш магазин?\n');
    input.push('f\r');
    await vi.waitFor(() => expect(said).toEqual(['half']));
    input.push('\x03');
    await terminal.ended;
    await terminal.stop();
  });
});

describe('lines', () => {
  test.each([
    ['  9 ', { is: 'act', act: { kind: 'message', text: '9' } }],
    ['', undefined],
    ['/quit', { is: 'quit' }],
    ['/quit now', { is: 'act', act: { kind: 'message', text: '/quit now' } }],
    ['/start', { is: 'act', act: { kind: 'start' } }],
    ['/start shop-7', { is: 'act', act: { kind: 'start', payload: 'shop-7' } }],
    ['/attach a b.png', { is: 'attach', path: 'a b.png' }],
    ['/attach', { is: 'act', act: { kind: 'message', text: '/attach' } }],
    ['/menu', { is: 'act', act: { kind: 'message', text: '/menu' } }],
  ])('%j means %j', (line, meaning) => {
    expect(fromLine(line)).toEqual(meaning);
  });

  test('a message is marked, wrapped between words, its links whole, and commands no terminal', () => {
    const link = 'https://example.org/a/very/long/path';
    const text = `раз два три\n\n\x1b[2Jсмотрите ${link} вот`;
    const place = { kind: 'location' as const, location: { latitude: 55.75, longitude: 37.6 } };
    const file = { kind: 'photo' as const, ref: 'media:x' };
    expect(toLines({ text, attachments: [place, file] }, ['', '/tmp/a.png'], 14)).toBe(
      `< [location:\n< 55.75, 37.6]\n< [photo:\n< /tmp/a.png]\n< раз два три\n< \n< [2Jсмотрите\n< ${link}\n< вот\n`,
    );
  });
});
