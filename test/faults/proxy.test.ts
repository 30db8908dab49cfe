// The fault proxy does to connections what it says, and nothing else.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type FaultProxy, startProxy } from './proxy.ts';

/** Answers each piece with itself in capitals, and remembers what it was asked. */
let asked: string[];
let proxy: FaultProxy;
let end: () => Promise<void>;
const open: Socket[] = [];

beforeEach(async () => {
  asked = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      asked.push(bytes.toString());
      socket.write(bytes.toString().toUpperCase());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  proxy = await startProxy({
    host: '127.0.0.1',
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
  });
  end = async () => {
    for (const socket of open.splice(0)) socket.destroy();
    await proxy.stop();
    server.close();
  };
});
afterEach(() => end());

async function dial() {
  const socket = connect(proxy.port, '127.0.0.1');
  open.push(socket);
  const pieces: string[] = [];
  let ended: string | undefined;
  socket.on('data', (bytes) => pieces.push(bytes.toString()));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    ended ??= error.code;
  });
  socket.on('close', () => {
    ended ??= 'closed';
  });
  await once(socket, 'connect');
  return { socket, pieces, ended: () => ended };
}

test('passes words both ways, late and in pieces when told to', async () => {
  const one = await dial();
  proxy.slices(2);
  proxy.latency(60);
  const began = performance.now();
  one.socket.write('abcd');
  await vi.waitFor(() => expect(one.pieces.join('')).toBe('ABCD'));
  expect(performance.now() - began).toBeGreaterThanOrEqual(115);
  proxy.pass();
  one.socket.write('ef');
  await vi.waitFor(() => expect(one.pieces.join('')).toBe('ABCDEF'));
});

test('a silence lasts for ever on the connections it fell on, and on no other', async () => {
  const before = await dial();
  proxy.blackhole();
  const within = await dial();
  before.socket.write('a');
  within.socket.write('b');
  await pause(100);
  proxy.pass();
  const after = await dial();
  after.socket.write('c');
  await vi.waitFor(() => expect(after.pieces).toEqual(['C']));
  expect([...before.pieces, ...within.pieces]).toEqual([]);
  expect([before.ended(), within.ended()]).toEqual([undefined, undefined]);
  expect(asked).toEqual(['c']);
});

test('an answer lost was given: the server did what was asked, then the connection ends', async () => {
  const one = await dial();
  proxy.loseAnswers({ times: 1, fits: (bytes) => bytes.toString().includes('write') });
  one.socket.write('read');
  await vi.waitFor(() => expect(one.pieces).toEqual(['READ']));
  one.socket.write('write');
  await vi.waitFor(() => expect(one.ended()).toBe('closed'));
  expect(one.pieces).toEqual(['READ']);
  expect(asked).toEqual(['read', 'write']);
  expect(proxy.lost).toBe(1);
  const two = await dial();
  two.socket.write('write');
  await vi.waitFor(() => expect(two.pieces).toEqual(['WRITE']));
});

test('cut off, not there, and there again on the same port', async () => {
  const one = await dial();
  one.socket.write('a');
  await vi.waitFor(() => expect(one.pieces).toEqual(['A']));
  proxy.reset();
  await vi.waitFor(() => expect(one.ended()).toBe('ECONNRESET'));
  await proxy.down();
  const refused = connect(proxy.port, '127.0.0.1');
  const [error] = await once(refused, 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  await proxy.up();
  const two = await dial();
  two.socket.write('b');
  await vi.waitFor(() => expect(two.pieces).toEqual(['B']));
});
