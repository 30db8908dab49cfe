// I2: each event changed one contact's session, once. Shown by the ids that sessions remember of the rows they applied.
// I9, as far as sessions show it: what is stored is what a replay would store, and each talk can be played on.
import { isDeepStrictEqual } from 'node:util';
import { type Finding, finding } from '../../channels/examine.ts';
import { dueAt, type Session } from '../../core/session.ts';
import type { Flow } from '../../flow/flow.ts';
import { compileRelease } from '../../flow/parse.ts';
import type { JournalDocument, ReleaseDocument, TicketDocument } from '../../store/models.ts';
import { fromDocument, type SessionDocument, toDocument } from '../../store/session-document.ts';
import { byId, createOffenders, type Look, type Offenders } from './look.ts';

const PART = 'invariants';
type Row = Pick<JournalDocument, '_id' | 'line' | 'state'> & {
  readonly event?: { readonly ticket?: string; readonly place?: string };
};
type Owner = Pick<TicketDocument, '_id' | 'contact' | 'places'>;
type Flows = ReadonlyMap<string, Flow> | undefined;

export async function oneEffect(look: Look, defaultLocale: string): Promise<readonly Finding[]> {
  const repeated = createOffenders(PART);
  const foreign = createOffenders(PART);
  const parked = createOffenders(PART);
  const unlike = createOffenders(PART);
  const lost = createOffenders(PART);
  const releases = createReleases(look, defaultLocale);
  const counts = { sessions: 0, events: 0, talks: 0 };
  for await (const batch of look.batches<SessionDocument>('sessions', {}, undefined)) {
    const applied = batch.flatMap(({ j }) => j ?? []);
    const rows = byId(
      await look.among<Row>('journal', '_id', applied, ['line', 'state', 'event.ticket', 'event.place']),
    );
    const owners = await ownersOf(look, [...rows.values()]);
    for (const document of batch) {
      counts.sessions += 1;
      const ids = document.j ?? [];
      counts.events += ids.length;
      if (new Set(ids).size < ids.length) repeated.add(document._id);
      for (const id of ids) {
        const row = rows.get(id);
        // A row is forgotten a week after it was applied; the session of who fell silent remembers it longer.
        if (!row) continue;
        if (owners(row) !== document._id) foreign.add(id);
        if (row.state === 'parked') parked.add(id);
      }
      const session = fromDocument(document);
      if (!isAsWritten(session, document)) unlike.add(document._id);
      if (session.run) {
        counts.talks += 1;
        await checkTalk(session, releases, lost);
      }
    }
  }
  const twice = [
    ...repeated.findings('error', 'i2.repeated'),
    ...foreign.findings('error', 'i2.foreign'),
    ...parked.findings('error', 'i2.parked'),
  ];
  const { sessions, events, talks } = counts;
  return [
    ...twice,
    ...(twice.length === 0 ? [finding(PART, 'ok', 'i2.holds', { sessions, events })] : []),
    ...unlike.findings('error', 'i9.session'),
    ...lost.findings('error', 'i9.talk'),
    ...releases.findings(),
    finding(PART, 'ok', 'i9.sessions', { sessions, talks }),
  ];
}

/** Whose turn each row was: the contact of its line or, for what was done at a desk, of its ticket. */
async function ownersOf(look: Look, rows: readonly Row[]): Promise<(row: Row) => string | undefined> {
  const atDesk = rows.filter(({ line }) => line.startsWith('desk:'));
  const fields = ['contact', 'places'];
  const tickets = [
    ...(await look.among<Owner>(
      'tickets',
      '_id',
      atDesk.flatMap(({ event }) => event?.ticket ?? []),
      fields,
    )),
    ...(await look.among<Owner>(
      'tickets',
      'places.key',
      atDesk.flatMap(({ event }) => event?.place ?? []),
      fields,
    )),
  ];
  const byTicket = byId(tickets);
  const byPlace = new Map(tickets.flatMap((one) => (one.places ?? []).map(({ key }) => [key, one] as const)));
  return ({ line, event }) => {
    if (!line.startsWith('desk:')) return line;
    const ticket = event?.ticket !== undefined ? byTicket.get(event.ticket) : byPlace.get(event?.place ?? '');
    return ticket?.contact;
  };
}

/** The machine's own writing of it gives the same document, its alarm included. */
function isAsWritten(session: Session, { w: _mark, ...document }: SessionDocument): boolean {
  if (document.due !== dueAt(session)) return false;
  return isDeepStrictEqual(
    JSON.parse(JSON.stringify(toDocument(session, document.v))),
    JSON.parse(JSON.stringify(document)),
  );
}

interface Releases {
  get(hash: string): Promise<Flows>;
  findings(): readonly Finding[];
}

/** Each release compiled anew from its stored sources, once. */
function createReleases(look: Look, defaultLocale: string): Releases {
  const known = new Map<string, Flows>();
  const changed = createOffenders(PART);
  return {
    async get(hash) {
      if (!known.has(hash)) {
        const [stored] = await look.among<ReleaseDocument>('releases', '_id', [hash], ['files']);
        const files = Object.fromEntries((stored?.files ?? []).map(({ name, text }) => [name, text]));
        const release = stored && compileRelease(files, { defaultLocale }).release;
        if (release && release.hash !== hash) changed.add(hash);
        known.set(hash, release?.flows);
      }
      return known.get(hash);
    },
    findings: () => changed.findings('error', 'i9.release'),
  };
}

async function checkTalk({ id, run }: Session, releases: Releases, lost: Offenders): Promise<void> {
  const flows = run && (await releases.get(run.release));
  if (!run?.frames.every((frame) => flows?.get(frame.flow)?.nodes.has(frame.node))) lost.add(id);
}
