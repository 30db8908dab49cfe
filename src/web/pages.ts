// Serves the built pages: two HTML files with the headers that keep them safe, and their hashed files.
// It knows nothing of what the pages do.
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from './refusal.ts';
import { greetVisitor } from './visitor.ts';
import { pickLanguage } from './words.ts';

/** Replaced in the console's HTML by a fresh word for each answer: its component library writes style elements. */
const NONCE = '%NONCE%';

function policy(style: string): string {
  return [
    "default-src 'self'",
    "script-src 'self'",
    `style-src ${style}`,
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "font-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export const PLAIN_POLICY = policy("'self'");

export function pages(options: { folder: string; secure: boolean; console: boolean }) {
  const load = async (name: string): Promise<string> => {
    try {
      return await readFile(join(options.folder, name, 'index.html'), 'utf8');
    } catch {
      throw new Refusal(503, 'not_built', 'the pages are not built: run `npm run build`');
    }
  };
  const html = (reply: FastifyReply, text: string) =>
    reply.header('content-type', 'text/html; charset=utf-8').header('cache-control', 'no-cache').send(text);

  return async (app: FastifyInstance) => {
    await app.register(fastifyStatic, {
      root: join(options.folder, 'assets'),
      prefix: '/assets/',
      index: false,
      immutable: true,
      maxAge: '1y',
      preCompressed: true,
    });

    for (const path of ['/', '/c/:payload']) {
      app.get(path, async (request, reply) => {
        const text = await load('chat');
        greetVisitor(request, reply, options.secure);
        return html(reply, text);
      });
    }

    if (!options.console) return;
    for (const path of ['/console', '/console/*']) {
      app.get(path, async (request, reply) => {
        if (FOR_PROGRAMS.test(request.url)) return reply.callNotFound();
        const nonce = randomBytes(16).toString('base64');
        reply.header('content-security-policy', policy(`'self' 'nonce-${nonce}'`));
        return html(reply, (await load('console')).replaceAll(NONCE, nonce));
      });
    }
  };
}

/** Addresses that programs ask, and that answer as programs expect. */
const FOR_PROGRAMS = /^\/(chat|console\/api|hooks|assets|healthz|readyz)(\/|\?|$)/;

/** For a person who opened a wrong address: words in their language and the way to the chat; else undefined. */
export async function nowherePage(
  request: FastifyRequest,
  reply: FastifyReply,
  folder: string,
): Promise<string | undefined> {
  const { accept = '', 'accept-language': wished = '' } = request.headers;
  const person = request.method === 'GET' && accept.includes('text/html') && !FOR_PROGRAMS.test(request.url);
  if (!person) return undefined;
  const pages = join(folder, 'nowhere');
  const files = await readdir(pages).catch(() => []);
  const tags = wished.split(',').map((part) => part.split(';')[0]?.trim() ?? '');
  const known = Object.fromEntries(files.map((file) => [file.replace('.html', ''), {}]));
  const text = await readFile(join(pages, `${pickLanguage(known, tags)}.html`), 'utf8').catch(
    () => undefined,
  );
  if (text === undefined) return undefined;
  const nonce = randomBytes(16).toString('base64');
  reply
    .header('content-security-policy', policy(`'nonce-${nonce}'`))
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('vary', 'accept, accept-language');
  return text.replaceAll(NONCE, nonce);
}
