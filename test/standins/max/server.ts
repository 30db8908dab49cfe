// Carries one HTTP request through the stand-in: who calls, what with, fault, speed, effect, answer, and the record of
// it. What a call does is in calls.ts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type CallBody, readBody } from '../telegram/body.ts';
import type { FaultRule, FaultSource } from '../telegram/faults.ts';
import { type Call, FILE_ROUTES, ROUTES, type Route } from './calls.ts';
import { Refusal, suspended, tooMany, wrong } from './refusal.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Updates } from './updates.ts';
import type { Json, World } from './world.ts';

export interface RequestRecord {
  readonly id: number;
  readonly method: string;
  readonly params: Json;
  /** The status it was answered with; absent while it is under way, and where the answer was lost. */
  answered?: number;
  fault?: string;
  /** It changed the world, although perhaps nobody was told. */
  effect?: true;
}

export interface Machine {
  readonly token: string;
  readonly world: World;
  readonly updates: Updates;
  readonly subscriptions: Subscriptions;
  readonly faults: FaultSource;
  readonly secondMs: number;
  readonly limited: boolean;
  readonly requests: RequestRecord[];
  readonly violations: string[];
  /** When calls of each kind were made, for the limits of speed. */
  readonly spent: Map<string, number[]>;
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  if (response.destroyed) return;
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
  response.end(isText ? body : JSON.stringify(body));
}

const WINDOW = 10;

/** At most `most` within so many seconds of this world. */
function spend({ spent, secondMs }: Machine, key: string, most: number, seconds = 1): boolean {
  const now = performance.now();
  const recent = (spent.get(key) ?? []).filter((at) => now - at < seconds * secondMs);
  if (recent.length >= most) return false;
  spent.set(key, [...recent, now]);
  return true;
}

const SPENDING = ['sendMessage', 'editMessage', 'answerOnCallback'];

function limit(machine: Machine, name: string, line: string | undefined): void {
  if (name === 'getUpdates') {
    // Two a second; looked at over ten, because calls made in time may be late to arrive.
    if (spend(machine, name, 2 * WINDOW + 5, WINDOW)) return;
    throw new Refusal(429, 'too.many.requests', 'more than two polls a second', { violation: true });
  }
  if (!machine.limited) return;
  const ok = spend(machine, 'all', 30) && (!SPENDING.includes(name) || spend(machine, `${name} ${line}`, 2));
  if (!ok) throw tooMany();
}

/** "400 proto.payload words" is that refusal; words alone are why a dialogue is closed to us. */
function refusalOf(rule: FaultRule): Refusal {
  const [, status, key = '', words = ''] = /^(\d{3}) (\S+) ?(.*)$/.exec(rule.text ?? '') ?? [];
  if (status !== undefined) return new Refusal(Number(status), key, words);
  return rule.text === undefined ? suspended() : new Refusal(403, 'chat.denied', rule.text);
}

const FAULT_REFUSALS = {
  refuse429: (rule: FaultRule) => tooMany(rule.retryAfter),
  '500': () => new Refusal(500, 'internal.error', 'Internal server error'),
  '403': refusalOf,
  '409': () => new Refusal(405, 'method.not.allowed', 'Webhook is active'),
} as const;

function authorize({ token }: Machine, request: IncomingMessage, query: URLSearchParams): void {
  if (query.has('access_token')) throw wrong('the token must not stand in the address');
  const given = request.headers.authorization;
  if (given !== token)
    throw new Refusal(401, 'verify.token', 'Invalid access_token', {
      violation: given?.includes(' ') ?? true,
    });
}

function checkQuery(route: Route, query: URLSearchParams): void {
  const known = [...(route.required ?? []), ...(route.optional ?? [])];
  for (const name of query.keys())
    if (!known.includes(name)) throw wrong(`${route.name}: unknown parameter "${name}"`);
  for (const name of route.required ?? []) if (!query.get(name)) throw wrong(`${route.name}: no "${name}"`);
}

async function carryOut(
  machine: Machine,
  record: RequestRecord,
  call: Call,
  run: Route['run'],
): Promise<{ rule: FaultRule | undefined; result: unknown }> {
  const line = call.query.user_id ?? call.query.message_id ?? call.query.callback_id;
  limit(machine, record.method, line);
  const rule = machine.faults.pick(record.method, call.query.user_id && Number(call.query.user_id));
  if (rule) record.fault = rule.do;
  if (rule?.do === 'drop-before' || rule?.effect === false) return { rule, result: undefined };
  if (rule && Object.hasOwn(FAULT_REFUSALS, rule.do))
    throw FAULT_REFUSALS[rule.do as keyof typeof FAULT_REFUSALS](rule);
  const result = await run(call);
  record.effect = true;
  return { rule, result };
}

export async function serve(
  machine: Machine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const path = decodeURIComponent(url.pathname);
  if (request.method === 'GET' && path.startsWith('/files/'))
    return serveFile(machine, response, path.slice(7));
  const isApi = !path.startsWith('/upload/');
  const route = (isApi ? ROUTES : FILE_ROUTES).find(
    (one) => one.method === request.method && one.path.test(path),
  );
  const query = Object.fromEntries(url.searchParams);
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  let given: CallBody = { params: {}, uploads: new Map(), typed: false };
  let unreadable: unknown;
  try {
    given = await readBody(request, new URLSearchParams());
  } catch (error) {
    unreadable = error;
  }
  const record: RequestRecord = {
    id: machine.world.next('request'),
    method: route?.name ?? `${request.method} ${path}`,
    params: { ...query, ...given.params },
  };
  machine.requests.push(record);
  machine.world.changed.fire();
  try {
    if (route === undefined) throw new Refusal(404, 'not.found', 'Unknown method', { violation: true });
    if (unreadable !== undefined) throw wrong('the body cannot be read');
    if (isApi) authorize(machine, request, url.searchParams);
    else if (request.headers.authorization !== undefined)
      throw wrong('the token was given to a host of files');
    checkQuery(route, url.searchParams);
    if (route.body && !given.typed) throw wrong('a body of JSON is wanted');
    const { world, updates, subscriptions, secondMs } = machine;
    const call: Call = {
      world,
      updates,
      subscriptions,
      secondMs,
      query,
      path: route.path.exec(path)?.slice(1) ?? [],
      body: given.params,
      uploads: given.uploads,
      request: record.id,
      gone: gone.signal,
    };
    const { rule, result } = await carryOut(machine, record, call, route.run);
    if (rule?.do === 'hang')
      await pause(rule.ms ?? 1_000, undefined, { signal: gone.signal }).catch(() => undefined);
    const silent = rule?.do === 'drop-before' || rule?.do === 'effect-then-drop';
    if (silent || (rule?.do === 'hang' && rule.effect === false)) response.destroy();
    else {
      record.answered = 200;
      send(response, 200, rule?.do === 'garbage' ? '<html><body>502 Bad Gate' : result);
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.violation) machine.violations.push(`${record.method}: ${error.message}`);
    if (record.fault === 'effect-then-drop') return void response.destroy();
    record.answered = error.status;
    const header = error.retryAfter === undefined ? undefined : { 'retry-after': String(error.retryAfter) };
    send(response, error.status, error.body(), header);
  } finally {
    machine.world.changed.fire();
  }
}

function serveFile(machine: Machine, response: ServerResponse, name: string): void {
  const file = machine.world.files.get(name);
  const rule = machine.faults.pick('download', undefined);
  if (rule !== undefined) return void response.destroy();
  if (file === undefined) return send(response, 404, 'not found');
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': file.bytes.length,
  });
  response.end(file.bytes);
}
