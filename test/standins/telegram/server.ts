// Carries one HTTP request through the stand-in: token, parameters, fault, speed, effect, answer. What a call does
// is in the handlers; here is only the way there and back, and the record of it.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type CallBody, readBody } from './body.ts';
import { type BotProfile, type Call, type Handler, refuseLoggedOut } from './call.ts';
import { CHATS } from './chats.ts';
import { EDITS } from './edit.ts';
import type { FaultRule, FaultSource } from './faults.ts';
import type { RequestRecord } from './ledger.ts';
import type { createLimits } from './limits.ts';
import type { Method } from './methods.ts';
import { answerCallbackQuery, type Press } from './press.ts';
import { forbidden, otherPoller, Refusal, tooMany, type Violation } from './refusal.ts';
import { SENDS } from './send.ts';
import { TOPICS } from './topics.ts';
import type { Updates } from './updates.ts';
import { validate } from './validate.ts';
import type { Webhook } from './webhook.ts';
import type { Json, World } from './world.ts';

const HANDLERS: Readonly<Record<Method, Handler>> = {
  ...CHATS,
  ...SENDS,
  ...EDITS,
  ...TOPICS,
  answerCallbackQuery,
};

export interface Machine {
  readonly token: string;
  readonly world: World;
  readonly updates: Updates;
  readonly webhook: Webhook;
  readonly presses: Map<string, Press>;
  readonly profile: BotProfile;
  readonly faults: FaultSource;
  readonly spend: ReturnType<typeof createLimits>;
  readonly requests: RequestRecord[];
  /** getUpdates calls, apart from the rest because there are so many. */
  readonly polls: RequestRecord[];
  readonly violations: Violation[];
}

const FAULT_REFUSALS = {
  refuse429: (rule: FaultRule) => tooMany(rule.retryAfter ?? 1),
  '500': () => new Refusal(500, 'Internal Server Error'),
  '403': (rule: FaultRule) => forbidden(rule.text ?? 'bot was blocked by the user'),
  '409': () => otherPoller(),
} as const;

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  send(response, refusal.code, {
    ok: false,
    error_code: refusal.code,
    description: refusal.message,
    ...(refusal.parameters !== undefined && { parameters: refusal.parameters }),
  });
}

/** A stand-in's own fault must not look like a refusal of Telegram's. */
function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}

function openRecord(machine: Machine, method: string, params: Json): RequestRecord {
  const record: RequestRecord = {
    id: machine.world.nextId('request'),
    at: machine.world.now(),
    method,
    params,
    status: 0,
    result: undefined,
    error: undefined,
    fault: undefined,
    effect: false,
    answered: false,
  };
  (method.toLowerCase() === 'getupdates' ? machine.polls : machine.requests).push(record);
  machine.world.changed.fire();
  return record;
}

function note(machine: Machine, record: RequestRecord, refusal: Refusal): void {
  record.status = refusal.code;
  record.error = refusal.message;
  if (refusal.violation !== undefined) {
    machine.violations.push({ kind: refusal.violation, method: record.method, detail: refusal.message });
  }
}

function spendOn(machine: Machine, method: string, chatId: unknown): void {
  const chat = typeof chatId === 'number' ? machine.world.chats.get(chatId) : undefined;
  if (chat !== undefined) machine.spend(method, chat);
}

async function carryOut(
  machine: Machine,
  record: RequestRecord,
  body: CallBody,
  gone: AbortSignal,
): Promise<{ rule: FaultRule | undefined; result: unknown }> {
  const { method, params } = validate(record.method, body);
  const rule = machine.faults.pick(method, params.chat_id);
  record.fault = rule?.do;
  if (rule?.do === 'drop-before') return { rule, result: undefined };
  if (rule !== undefined && Object.hasOwn(FAULT_REFUSALS, rule.do)) {
    throw FAULT_REFUSALS[rule.do as keyof typeof FAULT_REFUSALS](rule);
  }
  if (rule?.effect === false) return { rule, result: undefined };
  const call: Call = { ...machine, params, uploads: body.uploads, request: record.id, gone };
  refuseLoggedOut(call);
  spendOn(machine, method, params.chat_id);
  const result = await HANDLERS[method](call);
  record.effect = true;
  record.result = result;
  return { rule, result };
}

async function serveCall(
  machine: Machine,
  request: IncomingMessage,
  response: ServerResponse,
  method: string,
  query: URLSearchParams,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  let body: CallBody;
  try {
    body = await readBody(request, query);
  } catch (error) {
    const refusal = asRefusal(error);
    note(machine, openRecord(machine, method, {}), refusal);
    refuse(response, refusal);
    return;
  }
  const record = openRecord(machine, method, body.params);
  response.on('finish', () => {
    record.answered = true;
    machine.world.changed.fire();
  });
  try {
    const { rule, result } = await carryOut(machine, record, body, gone.signal);
    record.status = 200;
    if (rule?.do === 'hang') {
      await pause(rule.ms ?? 1000, undefined, { signal: gone.signal, ref: false }).catch(() => {});
    }
    const silent = rule?.do === 'drop-before' || rule?.do === 'effect-then-drop';
    if (silent || (rule?.do === 'hang' && rule.effect === false)) {
      record.status = 0;
      response.destroy();
    } else if (rule?.do === 'garbage') send(response, 200, '<html><body>502 Bad Gate');
    else send(response, 200, { ok: true, result });
  } catch (error) {
    const refusal = asRefusal(error);
    note(machine, record, refusal);
    // A call that would be refused anyhow can lose its answer just the same.
    if (record.fault === 'effect-then-drop') response.destroy();
    else refuse(response, refusal);
  } finally {
    machine.world.changed.fire();
  }
}

function serveFile(machine: Machine, response: ServerResponse, path: string): void {
  const rule = machine.faults.pick('file', undefined);
  if (rule !== undefined && Object.hasOwn(FAULT_REFUSALS, rule.do)) {
    refuse(response, FAULT_REFUSALS[rule.do as keyof typeof FAULT_REFUSALS](rule));
    return;
  }
  if (rule !== undefined) {
    response.destroy();
    return;
  }
  const file = [...machine.world.files.values()].find((one) => one.path === path);
  if (file?.bytes === undefined) {
    refuse(response, new Refusal(404, 'Not Found'));
    return;
  }
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': file.bytes.length,
  });
  response.end(file.bytes);
}

const CALL_PATH = /^\/bot([^/]+)\/([^/]+)$/;
const FILE_PATH = /^\/file\/bot([^/]+)\/(.+)$/;

export async function serve(
  machine: Machine,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const path = decodeURIComponent(url.pathname);
  const file = FILE_PATH.exec(path);
  const call = file === null ? CALL_PATH.exec(path) : null;
  const token = file?.[1] ?? call?.[1];
  if (token === undefined) return refuse(response, new Refusal(404, 'Not Found'));
  if (token !== machine.token) {
    request.resume();
    return refuse(response, new Refusal(401, 'Unauthorized'));
  }
  if (file !== null) return serveFile(machine, response, file[2] ?? '');
  await serveCall(machine, request, response, call?.[2] ?? '', url.searchParams);
}
