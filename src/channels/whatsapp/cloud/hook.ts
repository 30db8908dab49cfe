// What Meta asks and posts at our address: who is there, and is it really Meta. It answers 200 only once everything in
// the body is kept; until then Meta posts it again.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Hook } from '../../index.ts';
import type { Body } from './api.ts';

type Request = Parameters<Hook>[0];
type Answer = Awaited<ReturnType<Hook>>;

export async function receiveHook(
  request: Request,
  secrets: { readonly appSecret: string; readonly verifyToken: string },
  take: (body: Body, raw: string) => Promise<void>,
): Promise<Answer> {
  if (request.method === 'GET') return greet(request.query, secrets.verifyToken);
  const given = request.headers['x-hub-signature-256'];
  const signature = createHmac('sha256', secrets.appSecret).update(request.rawBody).digest('hex');
  if (typeof given !== 'string' || !isSame(given, `sha256=${signature}`)) {
    return { status: 401, body: 'wrong signature' };
  }
  const raw = Buffer.from(request.rawBody).toString('utf8');
  const body = parse(raw);
  if (body === undefined) return { status: 400, body: 'not a notification' };
  try {
    await take(body, raw);
  } catch {
    return { status: 503, body: 'not kept, try again' };
  }
  return { status: 200, body: 'ok' };
}

/** Asked once, when a person enters our address at Meta. */
function greet(query: Request['query'], verifyToken: string): Answer {
  const mode = query['hub.mode'];
  const token = query['hub.verify_token'];
  const challenge = query['hub.challenge'];
  const known = typeof token === 'string' && isSame(token, verifyToken);
  // Meta sends a number; anything longer or livelier is not said back.
  if (mode !== 'subscribe' || !known || typeof challenge !== 'string' || !/^[\w-]{1,200}$/.test(challenge)) {
    return { status: 403, body: 'wrong verify token' };
  }
  return { status: 200, body: challenge };
}

/** Hashed first, so that neither content nor length shows in the time it takes. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function parse(raw: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : undefined;
  } catch {
    return undefined;
  }
}
