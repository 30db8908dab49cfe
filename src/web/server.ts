// The web server: puts the chat page, the console, the networks' webhooks and the health answers behind one port
// with the same safe headers and errors. It decides nothing about talks or tickets.
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import Fastify, { type FastifyInstance } from 'fastify';
import { isUnreachable } from '../core/errors.ts';
import { chatApi } from './chat-api.ts';
import { consoleActs, consoleSession } from './console-acts.ts';
import { createGate } from './console-gate.ts';
import { consoleLinking } from './console-linking.ts';
import { consoleReads } from './console-reads.ts';
import { createAttempts, createConsoleSessions } from './console-sessions.ts';
import type { WebDeps } from './deps.ts';
import { nowherePage, PLAIN_POLICY, pages } from './pages.ts';
import { readAway } from './read-away.ts';
import { Refusal } from './refusal.ts';
import { createSealer } from './seal.ts';
import type { OpenStreams } from './stream.ts';

const BODY_LIMIT = 1024 * 1024;
/** Networks post several events at once: the largest promised is 3 MB. */
const HOOK_LIMIT = 4 * 1024 * 1024;
const GRACE = 1500;
/** Seconds. */
const RETRY_AFTER = '2';
const BUILT = fileURLToPath(new URL('../../dist/web', import.meta.url));

export interface Web {
  readonly app: FastifyInstance;
  /** Gives the address it listens on. */
  listen(): Promise<string>;
  /** Ends live streams and lets requests under way finish. */
  stop(): Promise<void>;
}

export async function createWeb(deps: WebDeps): Promise<Web> {
  const secure = deps.publicUrl?.startsWith('https:') ?? false;
  const withConsole = deps.console ?? true;
  const streams: OpenStreams = new Set();
  const key = await deps.settings.once('web.seal', randomBytes(32).toString('base64url'));
  const sealer = createSealer(key);

  const app = Fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: 'idle',
    // A proxy of one's own stands on the same machine or private network; nobody else may name the visitor's address.
    trustProxy: secure ? ['loopback', 'linklocal', 'uniquelocal'] : false,
  });
  await app.register(cookie);
  await app.register(multipart);

  app.addHook('onRequest', async (_request, reply) => {
    reply
      .header('content-security-policy', PLAIN_POLICY)
      .header('x-content-type-options', 'nosniff')
      .header('x-frame-options', 'DENY')
      .header('referrer-policy', 'same-origin')
      .header('cross-origin-opener-policy', 'same-origin')
      .header('permissions-policy', 'camera=(), microphone=(), geolocation=()');
    if (secure) reply.header('strict-transport-security', 'max-age=31536000');
  });
  answerErrors(app, deps);

  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const report = deps.health(deps.clock());
    return reply.code(report.ok ? 200 : 503).send(report);
  });
  await app.register(hooks(deps));
  await app.register(chatApi(deps, sealer, streams));
  if (withConsole) {
    const sessions = createConsoleSessions(deps.settings, deps.clock, secure);
    const gate = createGate(sessions, deps.publicUrl);
    await app.register(consoleSession(deps, sessions));
    await app.register(consoleReads(deps, gate, streams));
    await app.register(consoleLinking(deps, gate));
    await app.register(consoleActs(deps, gate, sessions, createAttempts(deps.clock), sealer));
  }
  await app.register(pages({ folder: deps.pages ?? BUILT, secure, console: withConsole }));

  return {
    app,
    listen: () => app.listen({ host: deps.host, port: deps.port }),
    async stop() {
      for (const stream of [...streams]) stream.end();
      // Requests under way get this long; a connection that a client holds open must not hold us.
      const patience = setTimeout(() => app.server.closeAllConnections(), GRACE);
      await app.close();
      clearTimeout(patience);
    },
  };
}

/** Networks' webhooks: the body untouched, the hook's answer as it is. */
function hooks(deps: WebDeps) {
  return async (app: FastifyInstance) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: HOOK_LIMIT }, (_request, body, done) =>
      done(null, body),
    );
    app.route<{ Params: { name: string }; Querystring: Record<string, string | string[] | undefined> }>({
      method: ['GET', 'POST'],
      url: '/hooks/:name',
      exposeHeadRoute: false,
      async handler(request, reply) {
        const { name } = request.params;
        const hook = Object.hasOwn(deps.hooks, name) ? deps.hooks[name] : undefined;
        if (!hook) throw new Refusal(404, 'no_hook', 'no network of this name is set up');
        const rawBody = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const method = request.method === 'GET' ? 'GET' : 'POST';
        const answer = await hook({ method, query: request.query, headers: request.headers, rawBody });
        reply.code(answer.status).header('content-type', 'text/plain; charset=utf-8');
        return reply.send(answer.body ?? '');
      },
    });
  };
}

function answerErrors(app: FastifyInstance, deps: WebDeps): void {
  app.setNotFoundHandler(async (request, reply) => {
    const page = await nowherePage(request, reply, deps.pages ?? BUILT);
    return reply.code(404).send(page ?? { error: 'not_found', message: 'there is nothing at this address' });
  });
  app.setErrorHandler(async (error, request, reply) => {
    if (error instanceof Refusal) {
      if (error.retryAfter !== undefined) reply.header('retry-after', String(error.retryAfter));
      return reply.code(error.statusCode).send({ error: error.code, message: error.message });
    }
    const status = statusOf(error);
    if (status === 413) await readAway(request.raw);
    if (status >= 400 && status < 500) {
      const code = status === 413 ? 'too_long' : status === 429 ? 'too_many' : 'bad_request';
      return reply.code(status).send({ error: code, message: sentence(status) });
    }
    const route = request.routeOptions.url ?? '';
    if (isUnreachable(error)) {
      deps.log.warn({ err: error, method: request.method, route }, 'a web request found the store away');
      return reply
        .code(503)
        .header('retry-after', RETRY_AFTER)
        .send({ error: 'unavailable', message: 'nothing can be kept now; try again in a moment' });
    }
    deps.log.error({ err: error, method: request.method, route }, 'a web request failed');
    return reply.code(500).send({ error: 'internal', message: 'something went wrong here; try again' });
  });
}

function statusOf(error: unknown): number {
  return typeof error === 'object' &&
    error !== null &&
    'statusCode' in error &&
    typeof error.statusCode === 'number'
    ? error.statusCode
    : 500;
}

function sentence(status: number): string {
  if (status === 413) return 'this is too large';
  if (status === 429) return 'too many requests; wait a little';
  return 'the request is not of the expected form';
}
