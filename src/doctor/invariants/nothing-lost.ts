// I1: every event that was taken in stands in the journal and ends applied, or parked where a person sees it.
// I2, as far as the journal shows it: no event stands there twice.
import { decodeTime } from 'ulid';
import { type Finding, finding } from '../../channels/examine.ts';
import type { JournalDocument } from '../../store/models.ts';
import { createOffenders, type Look } from './look.ts';

const PART = 'invariants';
/** Milliseconds an event may wait: longer than a pause between two tries. */
const PATIENCE = 5 * 60_000;
const ORDER = { channel: 1, account: 1, eventId: 1 } as const;
type Row = Pick<
  JournalDocument,
  '_id' | 'channel' | 'account' | 'eventId' | 'state' | 'line' | 'expireAt' | 'reason'
>;
const FIELDS = ['channel', 'account', 'eventId', 'state', 'line', 'expireAt', 'reason'] as const;

export async function nothingLost(
  look: Look,
  now: number,
  given: { readonly isRunning: boolean; readonly isIndexed: boolean },
): Promise<readonly Finding[]> {
  const [strange, waiting, parked, forever, twice] = [1, 2, 3, 4, 5].map(() => createOffenders(PART));
  const counts = { rows: 0, applied: 0, waiting: 0, parked: 0 };
  let last: Row | undefined;
  // By the unique index, so that a double stands beside its twin; without it they would all have to be sorted first.
  const sort = given.isIndexed ? ORDER : undefined;
  for await (const batch of look.batches<Row>('journal', {}, FIELDS, sort)) {
    const pending = batch.filter(({ state }) => state === 'pending');
    const handled = await handledAlready(look, pending);
    for (const row of batch) {
      counts.rows += 1;
      if (row.state === 'applied') {
        counts.applied += 1;
        if (row.expireAt === undefined) forever!.add(row._id);
      } else if (row.state === 'parked') {
        counts.parked += 1;
        parked!.add(row._id);
      } else if (row.state === 'pending') {
        counts.waiting += 1;
        if (now - arrivedAt(row._id) > PATIENCE && !handled.has(row._id)) waiting!.add(row._id);
      } else strange!.add(row._id);
      if (sort && last && isSame(last, row)) twice!.add(row._id);
      last = row;
    }
  }
  const minutes = PATIENCE / 60_000;
  const lost = [
    ...strange!.findings('error', 'i1.strange'),
    // Without the program nobody handles them; with it they should have been long ago.
    ...waiting!.findings(given.isRunning ? 'error' : 'warning', given.isRunning ? 'i1.stuck' : 'i1.waits', {
      minutes,
    }),
    ...parked!.findings('warning', 'i1.parked'),
    ...forever!.findings('warning', 'i1.forever'),
  ];
  const doubled = sort ? twice!.findings('error', 'i2.twice') : [finding(PART, 'warning', 'i2.not_looked')];
  const holds = lost.some(({ level }) => level === 'error') ? [] : [finding(PART, 'ok', 'i1.holds', counts)];
  return [...lost, ...doubled, ...holds];
}

/** Applied already, though the mark is not written yet: their sessions say so. */
async function handledAlready(look: Look, pending: readonly Row[]): Promise<ReadonlySet<string>> {
  const ids = pending.map(({ _id }) => _id);
  const sessions = await look.among<{ readonly j?: readonly string[] }>('sessions', '_id', linesOf(pending), [
    'j',
  ]);
  const known = new Set(sessions.flatMap(({ j }) => j ?? []));
  return new Set(ids.filter((id) => known.has(id)));
}

const linesOf = (rows: readonly Row[]): readonly string[] => rows.map(({ line }) => line);
const isSame = (one: Row, other: Row): boolean =>
  one.channel === other.channel && one.account === other.account && one.eventId === other.eventId;

function arrivedAt(id: string): number {
  try {
    return decodeTime(id);
  } catch {
    // Not an id of ours: as old as can be.
    return 0;
  }
}
