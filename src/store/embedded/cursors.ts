// Open cursors: paused scans by id, each bound to its collection. Lives and dies with the server.
import { Long } from 'bson';
import { StoreFault } from './fault.ts';
import { batchReply } from './wire.ts';

interface Open {
  readonly ns: string;
  readonly source: Iterator<Uint8Array>;
  /** Read already, but one too many for the batch before. */
  next: Uint8Array | undefined;
  used: Date;
}

const MOST_BATCH_BYTES = 16 * 1024 * 1024;
const IDLE_MS = 10 * 60_000;

export class Cursors {
  readonly #open = new Map<string, Open>();
  #last = 0n;

  first(
    ns: string,
    source: Iterator<Uint8Array>,
    batchSize: number | undefined,
    single: boolean,
    now: Date,
  ): Buffer {
    return this.#batch(
      'firstBatch',
      undefined,
      { ns, source, next: undefined, used: now },
      batchSize ?? 101,
      single,
    );
  }

  more(ns: string, id: Long, batchSize: number | undefined, now: Date): Buffer {
    const open = this.#open.get(id.toString());
    if (!open || open.ns !== ns)
      throw new StoreFault('CursorNotFound', `cursor id ${id.toString()} not found`);
    open.used = now;
    return this.#batch('nextBatch', id, open, batchSize || Number.POSITIVE_INFINITY, false);
  }

  #batch(
    name: 'firstBatch' | 'nextBatch',
    known: Long | undefined,
    open: Open,
    size: number,
    single: boolean,
  ): Buffer {
    const docs: Uint8Array[] = [];
    let bytes = 0;
    if (known) this.#open.delete(known.toString());
    const pull = () => {
      const step = open.source.next();
      return step.done ? undefined : step.value;
    };
    if (size > 0) open.next ??= pull();
    while (
      open.next &&
      docs.length < size &&
      (docs.length === 0 || bytes + open.next.length <= MOST_BATCH_BYTES)
    ) {
      docs.push(open.next);
      bytes += open.next.length;
      open.next = pull();
    }
    const ended = single || (size > 0 && !open.next);
    if (ended) return batchReply(name, docs, Long.ZERO, open.ns);
    const id = known ?? Long.fromBigInt(++this.#last);
    this.#open.set(id.toString(), open);
    return batchReply(name, docs, id, open.ns);
  }

  kill(ids: readonly Long[]): { cursorsKilled: Long[]; cursorsNotFound: Long[] } {
    const found = ids.map((id) => this.#open.delete(id.toString()));
    return {
      cursorsKilled: ids.filter((_, i) => found[i]),
      cursorsNotFound: ids.filter((_, i) => !found[i]),
    };
  }

  /** Of one collection, one database (`db.`), or all (an empty string). */
  killUnder(ns: string): void {
    for (const [id, open] of this.#open)
      if (ns === '' || open.ns === ns || (ns.endsWith('.') && open.ns.startsWith(ns))) this.#open.delete(id);
  }

  killIdle(now: Date): void {
    for (const [id, open] of this.#open)
      if (now.getTime() - open.used.getTime() > IDLE_MS) this.#open.delete(id);
  }
}
