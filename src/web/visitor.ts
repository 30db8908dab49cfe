// Who a visitor of the chat page is: a secret in a cookie, and the name made from it under which they are kept.
// The secret itself is never stored or logged, so what the database holds opens nobody's talk.
import { createHash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { contactIdOf } from '../core/contact.ts';
import { Refusal } from './refusal.ts';

const COOKIE = 'otklik_visitor';
const YEAR = 365 * 24 * 3600;

export interface Visitor {
  /** The channel's id of the person. */
  readonly peer: string;
  readonly contact: string;
}

export function visitorOf(request: FastifyRequest): Visitor | undefined {
  const secret = request.cookies[COOKIE];
  if (!secret || !/^[A-Za-z0-9_-]{22}$/.test(secret)) return undefined;
  const peer = createHash('sha256').update(`visitor\0${secret}`).digest('base64url').slice(0, 22);
  return { peer, contact: contactIdOf({ channel: 'web', account: '', peer }) };
}

export function requireVisitor(request: FastifyRequest): Visitor {
  const visitor = visitorOf(request);
  if (!visitor) throw new Refusal(401, 'no_visitor', 'open the chat page first; it sets a cookie');
  return visitor;
}

/** Gives a newcomer their secret, and everybody else another year. */
export function greetVisitor(request: FastifyRequest, reply: FastifyReply, secure: boolean): void {
  const known = visitorOf(request) ? request.cookies[COOKIE] : undefined;
  reply.setCookie(COOKIE, known ?? randomBytes(16).toString('base64url'), {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge: YEAR,
  });
}
