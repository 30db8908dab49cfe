// The one place that decides whether a console request may pass: signed in, and for writes from our own page.
import type { FastifyRequest } from 'fastify';
import type { Operator } from '../core/contact.ts';
import type { ConsoleSessions } from './console-sessions.ts';
import { Refusal } from './refusal.ts';

export interface Gate {
  /** Throws unless signed in. */
  operator(request: FastifyRequest): Promise<Operator>;
  /** Throws unless the request was made by a script of our own page. */
  fromOurPage(request: FastifyRequest): void;
}

export function createGate(sessions: ConsoleSessions, publicUrl: string | undefined): Gate {
  const ours = publicUrl === undefined ? undefined : new URL(publicUrl).host;
  return {
    async operator(request) {
      const operator = await sessions.of(request);
      if (!operator) throw new Refusal(401, 'signed_out', 'sign in first');
      return operator;
    },
    fromOurPage(request) {
      const { origin } = request.headers;
      const host = origin === undefined || !URL.canParse(origin) ? undefined : new URL(origin).host;
      const known = host !== undefined && (host === request.headers.host || host === ours);
      if (!known || request.headers['x-otklik'] !== '1') {
        throw new Refusal(403, 'foreign_origin', 'only the console itself may do this');
      }
    },
  };
}
