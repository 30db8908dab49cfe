// Carries one HTTP request through the stand-in: token, parameters, fault, speed, effect, answer. What a call does is in
// the handlers; here is only the way there and back, and the record of it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type CallBody, readBody } from '../telegram/body.ts';
import type { Call, Handler, Press, Settings } from './call.ts';
import type { FaultRule, FaultSource } from './faults.ts';
import { fetchFile, type Uploads } from './files.ts';
import type { LongPoll } from './long-poll.ts';
import { METHODS, type TokenKind } from './methods.ts';
import { READS } from './read.ts';
import { Refusal } from './refusal.ts';
import type { RequestRecord } from './seen.ts';
import { SENDS } from './send.ts';
import { validate } from './validate.ts';
import { WALL } from './wall.ts';
import type { Json, World } from './world.ts';

export interface Machine {
  readonly tokens: ReadonlyMap<string, TokenKind>;
  readonly world: World;
  readonly settings: Settings;
  readonly longPoll: LongPoll;
  readonly uploads: Uploads;
  readonly presses: Map<string, Press>;
  readonly faults: FaultSource;
  /** Throws error 6 when there were too many calls within a second. */
  readonly spend: () => void;
  readonly secondMs: number;
  readonly requests: RequestRecord[];
  /** Long polls, apart from the rest because there are so many. */
  readonly polls: RequestRecord[];
  readonly violations: string[];
}

/** Other versions of the API have other shapes. */
const VERSION = '5.199';
const METHOD = /^\/method\/([\w.]+)$/;

function openRecord(machine: Machine, list: RequestRecord[], method: string, params: Json): RequestRecord {
  const record: RequestRecord = {
    id: machine.world.nextId('request'),
    at: machine.world.now(),
    method,
    params,
    answered: undefined,
    result: undefined,
    error: undefined,
    message: undefined,
    fault: undefined,
    effect: false,
  };
  list.push(record);
  machine.world.changed.fire();
  return record;
}

interface Exchange {
  readonly machine: Machine;
  readonly response: ServerResponse;
  readonly record: RequestRecord;
  readonly rule: FaultRule | undefined;
  readonly gone: AbortSignal;
}

const isBuffer = (value: unknown): value is Buffer => Buffer.isBuffer(value);

function send({ machine, response, record }: Exchange, status: number, body: unknown): void {
  if (response.destroyed) return;
  const bytes = isBuffer(body) ? body : typeof body === 'string' ? body : JSON.stringify(body);
  response.on('finish', () => {
    record.answered = status;
    machine.world.changed.fire();
  });
  response.writeHead(status, {
    'content-type': isBuffer(body) ? 'application/octet-stream' : 'application/json; charset=utf-8',
  });
  response.end(bytes);
}

/** Does to the exchange what the fault plan says; `act` is what would have happened and what would be answered. */
async function carry(exchange: Exchange, act: () => unknown): Promise<void> {
  const { machine, response, record, rule, gone } = exchange;
  record.fault = rule?.do;
  const run = async (): Promise<unknown> => {
    const body = await act();
    record.effect = record.error === undefined;
    return body;
  };
  try {
    switch (rule?.do) {
      case 'drop-before':
        return void response.destroy();
      case '500':
        return send(exchange, 500, '<html><body>Internal Server Error</body></html>');
      case 'effect-then-drop':
        await run();
        return void response.destroy();
      case 'garbage':
        if (rule.effect !== false) await run();
        return send(exchange, 200, '{"response":{"ite');
      case 'hang': {
        const body = rule.effect === false ? undefined : await run();
        await pause(rule.ms ?? 1000, undefined, { signal: gone, ref: false }).catch(() => {});
        return body === undefined ? void response.destroy() : send(exchange, 200, body);
      }
      default:
        return send(exchange, 200, await run());
    }
  } finally {
    machine.world.changed.fire();
  }
}

function refusalBody(record: RequestRecord, refusal: Refusal): Json {
  const { method, params } = record;
  const all = { method, oauth: '1', ...params };
  return {
    error: {
      error_code: refusal.code,
      error_msg: refusal.message,
      request_params: Object.entries(all).map(([key, value]) => ({ key, value: String(value) })),
      ...(refusal.code === 14 && { captcha_sid: '1', captcha_img: 'https://vk.com/captcha.php?sid=1' }),
    },
  };
}

function tokenOf(request: IncomingMessage, params: Json): string {
  const header = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '');
  return header?.[1] ?? (typeof params.access_token === 'string' ? params.access_token : '');
}

function perform(machine: Machine, exchange: Exchange, token: string, typed: boolean): unknown {
  const { record, rule } = exchange;
  const { method, params } = record;
  const kind = machine.tokens.get(token);
  if (kind === undefined) throw new Refusal(5);
  if (params.v === undefined) throw new Refusal(8, 'Invalid request: v (version) is required', true);
  if (params.v !== VERSION)
    throw new Refusal(8, `Invalid request: the stand-in speaks ${VERSION} only`, true);
  if (typed) throw new Refusal(8, 'Invalid request: parameters cannot be sent as JSON', true);
  const facts = METHODS.get(method);
  if (facts === undefined) throw new Refusal(3, undefined, true);
  if (!facts.tokens.includes(kind)) throw new Refusal(27, undefined, true);
  machine.spend();
  if (rule?.do === 'refuse') throw new Refusal(rule.code ?? 10);
  const call: Call = {
    ...machine,
    params: validate(facts, params),
    token: kind,
    request: record.id,
    note: (violation) => machine.violations.push(`${method}: ${violation}`),
  };
  const handlers: Readonly<Record<string, Handler>> = {
    ...SENDS,
    ...READS,
    ...WALL,
    ...machine.uploads.handlers,
  };
  const handler = handlers[method];
  if (handler === undefined) throw new Error(`the stand-in has no ${method}`);
  return handler(call);
}

/** A refusal is an answer like another; a stand-in's own fault is not. */
function callMethod(exchange: Exchange, token: string, typed: boolean): Json {
  const { machine, record } = exchange;
  try {
    record.result = perform(machine, exchange, token, typed);
    return { response: record.result };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    record.error = error.code;
    record.message = error.message;
    if (error.violation) machine.violations.push(`${record.method}: ${error.message}`);
    return refusalBody(record, error);
  }
}

const peerIn = (params: Json): number | undefined => {
  const peer = params.peer_id ?? params.user_id ?? params.peer_ids;
  return peer === undefined ? undefined : Number(peer);
};

const withoutToken = ({ access_token: _, ...params }: Json): Json => params;

export async function serve(
  machine: Machine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  const gone = controller.signal;
  const begin = (method: string, params: Json, peer?: number): Exchange => {
    const list = method === 'poll' ? machine.polls : machine.requests;
    const record = openRecord(machine, list, method, withoutToken(params));
    return { machine, response, record, rule: machine.faults.pick(method, peer), gone };
  };
  const query = Object.fromEntries(url.searchParams);
  if (url.pathname === '/poll') {
    const exchange = begin('poll', query);
    return carry(
      exchange,
      async () => (await machine.longPoll.answer(url.searchParams, exchange.rule, gone)).body,
    );
  }
  if (url.pathname.startsWith('/file/')) {
    const exchange = begin('file', { path: url.pathname });
    const bytes = fetchFile(machine.world, url.pathname, url.searchParams);
    if (bytes === undefined || exchange.rule?.do === 'refuse') return send(exchange, 404, 'Not Found');
    return carry(exchange, () => bytes);
  }
  let body: CallBody;
  try {
    body = await readBody(request, url.searchParams);
  } catch {
    // The caller hung up in the middle, or sent what nobody can read.
    if (!response.destroyed) response.writeHead(400).end();
    return;
  }
  if (url.pathname.startsWith('/upload/')) {
    const exchange = begin('upload', query, Number(query.peer));
    return carry(exchange, () => {
      const refused = exchange.rule?.do === 'refuse';
      const answer = refused
        ? { error: 'unknown error', error_descr: 'upload failed' }
        : machine.uploads.take(url.pathname, url.searchParams, body);
      exchange.record.result = answer;
      return answer;
    });
  }
  const method = METHOD.exec(url.pathname)?.[1];
  if (method === undefined) {
    machine.violations.push(`${request.method ?? ''} ${url.pathname}: there is nothing here`);
    response.writeHead(404).end();
    return;
  }
  const exchange = begin(method, body.params, peerIn(body.params));
  return carry(exchange, () => callMethod(exchange, tokenOf(request, body.params), body.typed));
}
