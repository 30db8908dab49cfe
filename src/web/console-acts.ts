// What operators do in the console: signing in, and acts on a ticket, which become desk events and take effect only
// through the journal. The same key sent twice is one act.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Operator } from '../core/contact.ts';
import type { DeskAct, DeskEvent } from '../core/event.ts';
import type { Attachment } from '../core/message.ts';
import type { Gate } from './console-gate.ts';
import { read } from './console-reads.ts';
import type { Attempts, ConsoleSessions } from './console-sessions.ts';
import type { WebDeps } from './deps.ts';
import { Refusal } from './refusal.ts';
import type { Sealer } from './seal.ts';
import { takeUpload } from './uploads.ts';

const key = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/);
const said = z.object({
  key,
  text: z.string().max(4000),
  files: z.array(z.string().max(4000)).max(10).default([]),
});
const shapes = {
  claim: z.object({ key, force: z.boolean().default(false) }),
  reply: said,
  note: said,
  close: z.object({ key, text: z.string().max(4000).optional() }),
  resend: z.object({ key, message: z.string().min(1).max(64) }),
} as const;
type Act = keyof typeof shapes;

const login = z.object({ password: z.string().min(1).max(1000), name: z.string().max(60).default('') });

export function consoleActs(
  deps: WebDeps,
  gate: Gate,
  sessions: ConsoleSessions,
  attempts: Attempts,
  sealer: Sealer,
) {
  const audit = (by: Operator, what: string, on?: string) =>
    deps.records.audit({ at: deps.clock(), by, what, ...(on === undefined ? {} : { on }) });

  const actOf = (act: Act, body: unknown, operator: Operator): { key: string; act: DeskAct } => {
    if (act === 'claim') {
      const { key, force } = read(shapes.claim, body);
      return { key, act: { act: 'claim', ...(force ? { force } : {}) } };
    }
    if (act === 'close') {
      const { key, text } = read(shapes.close, body);
      return { key, act: { act: 'close', ...(text?.trim() ? { text: text.trim() } : {}) } };
    }
    if (act === 'resend') {
      const { key, message } = read(shapes.resend, body);
      return { key, act: { act: 'resend', message } };
    }
    const { key, text, files } = read(shapes[act], body);
    const attachments = files.map((sealed): Attachment => {
      const file = sealer.open(`desk.${operator.id}`, sealed);
      if (!file) throw new Refusal(403, 'foreign_file', 'a file was not uploaded in this console');
      return file;
    });
    if (text.trim() === '' && attachments.length === 0) {
      throw new Refusal(400, 'empty', 'the message holds neither text nor a file');
    }
    const words = { text: text.trim(), ...(attachments.length === 0 ? {} : { attachments }) };
    return { key, act: act === 'reply' ? { act: 'write', ...words } : { act: 'note', ...words } };
  };

  return async (app: FastifyInstance) => {
    app.addHook('preHandler', async (request) => gate.fromOurPage(request));

    app.post('/console/api/login', async (request, reply) => {
      const { password, name } = read(login, request.body);
      attempts.begin(request.ip);
      if (!(await deps.verifyPassword(password))) {
        deps.log.warn({}, 'a wrong password was given at the console');
        throw new Refusal(401, 'wrong_password', 'the password is wrong');
      }
      attempts.succeeded(request.ip);
      const operator = await sessions.begin(reply, name.trim().replace(/\s+/g, ' ') || 'Admin');
      await audit(operator, 'login');
      return { signedIn: true, operator, locale: deps.deskDefaultLocale };
    });

    app.post('/console/api/logout', async (request, reply) => {
      const operator = await sessions.of(request);
      await sessions.end(request, reply);
      if (operator) await audit(operator, 'logout');
      return { signedIn: false };
    });

    app.post('/console/api/files', async (request, reply) => {
      const operator = await gate.operator(request);
      const file = await takeUpload(request, deps.media);
      const { ref: _, ...shown } = file;
      return reply.code(201).send({ file: shown, sealed: sealer.seal(`desk.${operator.id}`, file) });
    });

    app.post<{ Params: { id: string } }>('/console/api/parked/:id/replay', async (request, reply) => {
      const operator = await gate.operator(request);
      const { id } = request.params;
      if (!/^[A-Za-z0-9_-]{1,64}$/.test(id) || !(await deps.replay(id))) {
        throw new Refusal(404, 'no_parked', 'this event is parked no longer');
      }
      await audit(operator, 'event.replay', id);
      return reply.code(202).send({ ok: true });
    });

    for (const act of Object.keys(shapes) as Act[]) {
      app.post<{ Params: { id: string } }>(`/console/api/tickets/:id/${act}`, async (request, reply) => {
        const operator = await gate.operator(request);
        const wanted = actOf(act, request.body, operator);
        const ticket = await deps.records.ticket(request.params.id);
        if (!ticket) throw new Refusal(404, 'no_ticket', 'there is no such ticket');
        if (act === 'reply' && ticket.assignee?.id !== operator.id) {
          throw new Refusal(409, 'not_yours', 'only the operator who has the ticket answers the customer');
        }
        const other = ticket.assignee !== undefined && ticket.assignee.id !== operator.id;
        if (wanted.act.act === 'claim' && !wanted.act.force && other) {
          throw new Refusal(409, 'taken', 'another operator has the ticket; force takes it over');
        }
        const event: DeskEvent = {
          id: wanted.key,
          channel: 'inbox',
          account: '',
          at: deps.clock(),
          kind: 'desk',
          operator,
          ticket: ticket.id,
          message: wanted.key,
          ...wanted.act,
        };
        await deps.intake([event]);
        await audit(operator, `ticket.${act}`, ticket.id);
        return reply.code(202).send({ ok: true, key: wanted.key });
      });
    }
  };
}

/** Who is signed in; needs no session itself. */
export function consoleSession(deps: WebDeps, sessions: ConsoleSessions) {
  return async (app: FastifyInstance) => {
    app.get('/console/api/session', async (request: FastifyRequest, reply) => {
      const operator = await sessions.of(request);
      return reply
        .header('cache-control', 'no-store')
        .send(
          operator
            ? { signedIn: true, operator, locale: deps.deskDefaultLocale }
            : { signedIn: false, locale: deps.deskDefaultLocale },
        );
    });
  };
}
