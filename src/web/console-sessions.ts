// Who is signed in to the console. Tokens are kept hashed, so that reading the database signs nobody in;
// they survive a restart. Wrong passwords are counted by address, in memory.
import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Operator } from '../core/contact.ts';
import type { WebDeps } from './deps.ts';
import { Refusal } from './refusal.ts';

export const SESSION_LASTS = 12 * 3600_000;
const TRIES = 10;
const PAUSE = 15 * 60_000;
const COUNTED_ADDRESSES = 10_000;

const kept = z.object({ name: z.string(), until: z.number() });

export interface ConsoleSessions {
  /** The operator behind the request; undefined: not signed in. */
  of(request: FastifyRequest): Promise<Operator | undefined>;
  begin(reply: FastifyReply, name: string): Promise<Operator>;
  end(request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

export function createConsoleSessions(
  settings: WebDeps['settings'],
  clock: () => number,
  secure: boolean,
): ConsoleSessions {
  const cookie = secure ? '__Host-otklik' : 'otklik_console';
  const options = { path: '/', httpOnly: true, sameSite: 'strict', secure } as const;
  const keyOf = (token: string) =>
    `console.session.${createHash('sha256').update(token).digest('base64url')}`;
  const tokenOf = (request: FastifyRequest) => {
    const token = request.cookies[cookie];
    return token && /^[A-Za-z0-9_-]{43}$/.test(token) ? token : undefined;
  };
  return {
    async of(request) {
      const token = tokenOf(request);
      const text = token && (await settings.get(keyOf(token)));
      if (!text) return undefined;
      const session = kept.parse(JSON.parse(text));
      return session.until > clock() ? operatorOf(session.name) : undefined;
    },
    async begin(reply, name) {
      const token = randomBytes(32).toString('base64url');
      await settings.set(keyOf(token), JSON.stringify({ name, until: clock() + SESSION_LASTS }));
      reply.setCookie(cookie, token, { ...options, maxAge: SESSION_LASTS / 1000 });
      return operatorOf(name);
    },
    async end(request, reply) {
      const token = tokenOf(request);
      if (token) await settings.set(keyOf(token), '');
      reply.clearCookie(cookie, options);
    },
  };
}

/** One password lets all in, so the name given with it tells them apart, however it was typed. */
function operatorOf(name: string): Operator {
  return { id: `console:${name.normalize('NFC').trim().replace(/\s+/g, ' ').toLowerCase()}`, name };
}

export interface Attempts {
  /** Throws when this address must wait. Counts the try at once, so that many at the same time do not slip through. */
  begin(address: string): void;
  succeeded(address: string): void;
}

export function createAttempts(clock: () => number): Attempts {
  const tries = new Map<string, { count: number; until: number }>();
  return {
    begin(address) {
      const now = clock();
      const before = tries.get(address);
      const current = before && before.until > now ? before : { count: 0, until: now + PAUSE };
      if (current.count >= TRIES) {
        throw new Refusal(
          429,
          'too_many_tries',
          'too many wrong passwords from this address',
          Math.ceil((current.until - now) / 1000),
        );
      }
      current.count += 1;
      // The pause is counted from the latest try.
      current.until = now + PAUSE;
      tries.delete(address);
      tries.set(address, current);
      const [oldest] = tries.keys();
      if (tries.size > COUNTED_ADDRESSES && oldest !== undefined) tries.delete(oldest);
    },
    succeeded(address) {
      tries.delete(address);
    },
  };
}
