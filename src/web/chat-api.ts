// What the chat page asks of the server. A visitor reads and writes their own talk only; everything they do goes
// through the journal, and every id and file they name is checked to be theirs.
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { fromWire, toWire } from '../channels/web/wire.ts';
import type { WebDeps } from './deps.ts';
import { followMessages } from './follow.ts';
import { giveFile } from './give-file.ts';
import { Refusal } from './refusal.ts';
import type { Sealer } from './seal.ts';
import { type OpenStreams, openStream } from './stream.ts';
import { takeUpload } from './uploads.ts';
import { requireVisitor, visitorOf } from './visitor.ts';

/** Bytes of one posted event: MESSAGE_LIMIT characters of any script and room to spare. */
const EVENT_LIMIT = 512 * 1024;
const HISTORY = 100;
const STREAMS_PER_VISITOR = 8;

const EXPLAINED = {
  bad_request: [400, 'the event is not of a form the chat takes'],
  too_long: [413, 'the message is longer than 20,000 characters'],
  empty: [400, 'the message holds neither text nor a file'],
  foreign_file: [403, 'a file of this message was not uploaded here by this visitor'],
} as const;

export function chatApi(deps: WebDeps, sealer: Sealer, streams: OpenStreams) {
  const perVisitor = (max: number, timeWindow: number) => ({
    rateLimit: {
      max,
      timeWindow,
      keyGenerator: (request: FastifyRequest) => visitorOf(request)?.peer ?? request.ip,
    },
  });
  const streamsOf = new Map<string, number>();

  return async (app: FastifyInstance) => {
    await app.register(rateLimit, { global: false });

    app.post(
      '/chat/events',
      { bodyLimit: EVENT_LIMIT, config: perVisitor(40, 20_000) },
      async (request, reply) => {
        const visitor = requireVisitor(request);
        const read = fromWire(request.body, visitor.peer, deps.clock(), (sealed) =>
          sealer.open(visitor.peer, sealed),
        );
        if (!read.ok) {
          const [status, message] = EXPLAINED[read.code];
          throw new Refusal(status, read.code, message);
        }
        await deps.intake([read.event]);
        return reply.code(202).send({ ok: true });
      },
    );

    app.post('/chat/files', { config: perVisitor(30, 60_000) }, async (request, reply) => {
      const visitor = requireVisitor(request);
      const file = await takeUpload(request, deps.media);
      const { ref: _, ...shown } = file;
      return reply.code(201).send({ file: shown, sealed: sealer.seal(visitor.peer, file) });
    });

    app.get('/chat/messages', async (request, reply) => {
      const visitor = requireVisitor(request);
      const since = numberOf(request, 'since');
      const messages =
        since === undefined
          ? await deps.records.lastMessages(visitor.contact, HISTORY)
          : await deps.records.messagesSince(visitor.contact, since, HISTORY);
      return reply
        .header('cache-control', 'no-store')
        .send({ messages: messages.map(toWire).filter((message) => message !== undefined) });
    });

    app.get('/chat/stream', async (request, reply) => {
      const visitor = requireVisitor(request);
      const now = streamsOf.get(visitor.peer) ?? 0;
      if (now >= STREAMS_PER_VISITOR) {
        throw new Refusal(429, 'too_many_streams', 'this visitor has too many pages open', 10);
      }
      const last = request.headers['last-event-id'];
      const since = typeof last === 'string' && /^\d{1,15}$/.test(last) ? Number(last) : undefined;
      streamsOf.set(visitor.peer, now + 1);
      const stream = openStream(reply, streams);
      stream.onEnd(() => {
        const left = (streamsOf.get(visitor.peer) ?? 1) - 1;
        if (left > 0) streamsOf.set(visitor.peer, left);
        else streamsOf.delete(visitor.peer);
      });
      followMessages(deps, visitor.contact, since ?? numberOf(request, 'since') ?? 0, stream);
      return reply;
    });

    app.get<{ Params: { message: string; n: string } }>('/chat/media/:message/:n', async (request, reply) => {
      const visitor = requireVisitor(request);
      const message = await deps.records.message(request.params.message);
      // The same answer for what is not there and what is another's.
      const own = message && message.contact === visitor.contact && !message.note ? message : undefined;
      return await giveFile(request, reply, deps.media, own?.attachments?.[Number(request.params.n)]);
    });
  };
}

function numberOf(request: FastifyRequest, name: string): number | undefined {
  const { query } = request;
  const value: unknown = typeof query === 'object' && query !== null ? Reflect.get(query, name) : undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value)) {
    throw new Refusal(400, 'bad_request', `${name} is not a whole number`);
  }
  return Number(value);
}
