// Every shipped flow, played whole by people of one channel against the real program, in Russian: call `everyFlow` in a
// describe, once the program and the stand-in are up. `place` is asked for at each test, so it may read what `beforeAll`
// made: the program's address, started with ADMIN_PASSWORD and with DEFAULT_LOCALE at ru; the channel's name as the console
// shows it; and a face for a new person, `create<Net>Face(standIn, createWatch(patience), who)`. After each flow the
// console must show exactly the responses and tickets that were to come of it, no more and no fewer. Where a network
// limits messages a second, start the program with a faster clock, as every-flow.test.ts does.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadTexts } from '../../src/text/load.ts';
import { createTexts } from '../../src/text/texts.ts';
import type { ResponseRow, TicketView } from '../../src/web/console-views.ts';
import type { Face, Who } from '../faults/face.ts';
import { type Console, linesOf, signIn } from './console.ts';
import { createPlayer } from './player.ts';
import { type Outcome, PLAYS, type WantedResponse, type WantedTicket } from './plays.ts';

export interface Place {
  readonly url: string;
  readonly password: string;
  /** As contacts and tickets name it. */
  readonly channel: string;
  face(who: Who): Face;
}

export interface EveryFlowOptions {
  readonly place: () => Place;
  /** Milliseconds one flow may take; 60 s unless told. */
  readonly timeout?: number;
}

const OPERATOR = 'Анна';
const PHOTO = new Uint8Array(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAACgAAAAoCAIAAAADnC86AAAAM0lEQVR42u3NMQ0AAAwDoPo33VnYBQYkaYpIPBaLxWKxWCwWi8VisVgsFovFYrFYLBaLxWIHvpgAAbnY7ZkAAAAASUVORK5CYII=',
    'base64',
  ),
);

export function everyFlow({ place, timeout = 60_000 }: EveryFlowOptions): void {
  const { resources } = loadTexts(join(import.meta.dirname, '..', '..', 'locales'));
  const texts = createTexts(resources, { defaultLocale: 'ru' });
  const names = ['Вера', 'Борис', 'Галина', 'Денис', 'Елена', 'Жанна', 'Зоя', 'Илья', 'Клим'];

  for (const [index, [name, play]] of Object.entries(PLAYS).entries()) {
    it(name, { timeout }, async () => {
      const { url, password, channel, face } = place();
      const console = await signIn(url, password, OPERATOR);
      const before = await idsOf(console, channel);
      const who = { name: `${names[index % names.length]}`, locale: 'ru' };
      const own = face(who);
      const player = createPlayer(own, texts, 'ru');
      const outcome: Outcome = await play({ player, console, channel, operator: OPERATOR, photo: PHOTO });
      const { responses = [], tickets = [] } = outcome;
      // What was said last may have been shown a moment before the outcome was written.
      await expect
        .poll(() => responsesSince(console, channel, before), { timeout: 10_000 })
        .toEqual(byScore(responses));
      await expect
        .poll(() => ticketsSince(console, channel, before, who), { timeout: 10_000 })
        .toEqual(byNumber(tickets));
      expect(own.wrongs).toEqual([]);
    });
  }
}

type Ids = ReadonlySet<string>;

async function idsOf(console: Console, channel: string): Promise<Ids> {
  const lists = await Promise.all([console.responses(channel), console.tickets(channel)]);
  return new Set(lists.flat().map(({ id }) => id));
}

/** Nobody promises an order of what came at the same moment. */
const byScore = (list: readonly WantedResponse[]): readonly WantedResponse[] =>
  list.toSorted((a, b) => (a.score ?? -1) - (b.score ?? -1));
const byNumber = (list: readonly WantedTicket[]): readonly WantedTicket[] =>
  list.toSorted((a, b) => a.number.localeCompare(b.number));

async function responsesSince(
  console: Console,
  channel: string,
  before: Ids,
): Promise<readonly WantedResponse[]> {
  const rows = (await console.responses(channel)).filter(({ id }) => !before.has(id));
  return byScore(rows.map(({ id: _, at: __, channel: ___, title: ____, ...row }: ResponseRow) => row));
}

async function ticketsSince(
  console: Console,
  channel: string,
  before: Ids,
  who: Who,
): Promise<readonly WantedTicket[]> {
  const rows = (await console.tickets(channel)).filter(({ id }) => !before.has(id));
  const tickets = await Promise.all(
    rows.map(async ({ id }) => {
      const ticket = await console.ticket(id);
      expect(ticket.customer).toContain(who.name);
      return await wantedOf(console, ticket);
    }),
  );
  return byNumber(tickets);
}

async function wantedOf(console: Console, ticket: TicketView): Promise<WantedTicket> {
  const { number, kind, status, category, subject, fields } = ticket;
  return {
    ...{ number, kind, status, category, subject },
    fields: Object.fromEntries(fields.map(({ id, value }) => [id, value])),
    evidence: await Promise.all(ticket.evidence.map((file) => console.file(file))),
    lines: linesOf(ticket),
  };
}
