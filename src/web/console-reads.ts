// What the console asks for: lists, one ticket, files, live hints. Every look at a ticket or its files is audited.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Ticket } from '../core/ticket.ts';
import type { TicketFilter } from '../store/store.ts';
import type { Gate } from './console-gate.ts';
import { type Label, responseRow, ticketRow, ticketView, type Why } from './console-views.ts';
import type { WebDeps } from './deps.ts';
import { giveFile } from './give-file.ts';
import { Refusal } from './refusal.ts';
import { type OpenStreams, openStream } from './stream.ts';

const PAGE = 50;
const SESSION_CHECK = 60_000;

const listQuery = z.object({
  state: z.enum(['open', 'closed', 'mine']).default('open'),
  number: z.string().max(40).optional(),
  before: z
    .string()
    .regex(/^\d{1,15}\.[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  locale: z.string().max(35).optional(),
});
const pageQuery = z.object({
  before: z.coerce.number().int().nonnegative().optional(),
  locale: z.string().max(35).optional(),
});
const streamQuery = z.object({ ticket: z.string().max(64).optional() });

export function consoleReads(deps: WebDeps, gate: Gate, streams: OpenStreams) {
  const { records } = deps;
  const labels =
    (locale: string | undefined): Label =>
    (kind, id) =>
      deps.label?.(locale ?? deps.deskDefaultLocale, kind, id) ?? id;
  const whys =
    (locale: string | undefined): Why =>
    (code) =>
      deps.why?.(locale ?? deps.deskDefaultLocale, code) ?? code;
  const audited = async (request: FastifyRequest, what: string, on?: string) => {
    const by = await gate.operator(request);
    await records.audit({ at: deps.clock(), by, what, ...(on === undefined ? {} : { on }) });
    return by;
  };
  const ticketOf = async (id: string): Promise<Ticket> => {
    const ticket = await records.ticket(id);
    if (!ticket) throw new Refusal(404, 'no_ticket', 'there is no such ticket');
    return ticket;
  };

  return async (app: FastifyInstance) => {
    app.get('/console/api/tickets', async (request) => {
      const operator = await gate.operator(request);
      const query = read(listQuery, request.query);
      const label = labels(query.locale);
      if (query.number) {
        const found = await records.ticketByNumber(query.number.trim().toUpperCase());
        return { tickets: found ? [ticketRow(found, label)] : [] };
      }
      const dot = query.before?.indexOf('.') ?? -1;
      const filter: TicketFilter = {
        limit: PAGE,
        ...(query.state === 'closed' ? { state: 'closed' } : { state: 'open' }),
        ...(query.state === 'mine' ? { assignee: operator.id } : {}),
        ...(query.before
          ? { before: { changedAt: Number(query.before.slice(0, dot)), id: query.before.slice(dot + 1) } }
          : {}),
      };
      const tickets = await records.tickets(filter);
      const last = tickets.at(-1);
      return {
        tickets: tickets.map((ticket) => ticketRow(ticket, label)),
        ...(tickets.length === PAGE && last ? { next: `${last.changedAt}.${last.id}` } : {}),
      };
    });

    app.get<{ Params: { id: string } }>('/console/api/tickets/:id', async (request) => {
      await gate.operator(request);
      const { locale } = read(pageQuery, request.query);
      const ticket = await ticketOf(request.params.id);
      await audited(request, 'ticket.view', ticket.id);
      const [messages, alsoOn] = await Promise.all([
        records.ticketMessages(ticket.id),
        deps.alsoOn?.(ticket.contact) ?? [],
      ]);
      const channels = [...new Set(alsoOn)];
      return { ticket: ticketView(ticket, messages, channels, labels(locale), whys(locale)) };
    });

    app.get<{ Params: { id: string; n: string } }>(
      '/console/api/tickets/:id/evidence/:n',
      async (request, reply) => {
        await gate.operator(request);
        const ticket = await ticketOf(request.params.id);
        await audited(request, 'file.view', ticket.id);
        return await giveFile(request, reply, deps.media, ticket.evidence[Number(request.params.n)]);
      },
    );

    app.get<{ Params: { id: string; message: string; n: string } }>(
      '/console/api/tickets/:id/media/:message/:n',
      async (request, reply) => {
        await gate.operator(request);
        const message = await records.message(request.params.message);
        if (message?.ticket !== request.params.id) throw new Refusal(404, 'no_file', 'there is no such file');
        await audited(request, 'file.view', request.params.id);
        return await giveFile(request, reply, deps.media, message.attachments?.[Number(request.params.n)]);
      },
    );

    app.get('/console/api/responses', async (request) => {
      await audited(request, 'responses.view');
      const { before, locale } = read(pageQuery, request.query);
      const rows = await records.responses({ limit: PAGE, ...(before === undefined ? {} : { before }) });
      const last = rows.at(-1);
      const titles = new Map(deps.flows.status().map(({ name, title }) => [name, title]));
      return {
        responses: rows.map((row) => responseRow(row, labels(locale), titles.get(row.flow))),
        ...(rows.length === PAGE && last ? { next: last.at } : {}),
      };
    });

    app.get('/console/api/flows', async (request) => {
      await gate.operator(request);
      return { flows: deps.flows.status() };
    });

    app.get('/console/api/status', async (request) => {
      await gate.operator(request);
      return deps.health(deps.clock());
    });

    app.get('/console/api/parked', async (request) => {
      await gate.operator(request);
      const parked = await deps.parked();
      return { parked: parked.map(({ id, kind, line, at, reason }) => ({ id, kind, line, at, reason })) };
    });

    app.get('/console/api/stream', async (request, reply) => {
      await gate.operator(request);
      const { ticket } = read(streamQuery, request.query);
      const watched = ticket === undefined ? undefined : await ticketOf(ticket);
      const stream = openStream(reply, streams);
      const pass = (topic: string) =>
        deps.runtime.subscribe(topic, ({ kind, id }) => stream.send('hint', { kind, id }));
      const ends = [pass('tickets'), pass('responses'), pass('flows')];
      if (watched) {
        ends.push(
          deps.runtime.subscribe(`contact:${watched.contact}`, (update) => {
            if (update.kind === 'message') stream.send('hint', { kind: 'ticket', id: watched.id });
          }),
        );
      }
      // A stream outlives the request that was let through: signing out must end it too.
      const check = setInterval(() => {
        gate.operator(request).catch(() => stream.end());
      }, SESSION_CHECK);
      stream.onEnd(() => {
        clearInterval(check);
        for (const end of ends) end();
      });
      stream.send('hint', { kind: 'open' });
      return reply;
    });
  };
}

export function read<T>(shape: z.ZodType<T>, value: unknown): T {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => issue.path.join('.') || 'body').join(', ');
  throw new Refusal(400, 'bad_request', `not of the expected form: ${where}`);
}
