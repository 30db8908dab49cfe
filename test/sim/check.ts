// Holds what a run left against what must be true of it. It reads the networks' ledgers, what people and operators meant
// to do, and the documents of the store; never what the program believes. Of the invariants, campaigns (I12) and erasure
// (I13) have no feature yet, so nothing is claimed of them.
import { BEGINNING } from './globals.ts';
import type { Doc } from './match.ts';
import { isStray, type Operators, type Work } from './operators.ts';
import { type Person, TOKENS } from './people.ts';
import { ACCOUNT, type Seen, type Telegram, type Topic } from './telegram.ts';
import { GROUP, type Vk } from './vk.ts';
import type { StoreWatch } from './watch-store.ts';
import { isIn, type Life, type World } from './world.ts';

export interface Ended {
  readonly world: World;
  readonly telegram: Telegram;
  readonly vk: Vk;
  readonly operators: Operators;
  readonly people: readonly Person[];
  readonly store: StoreWatch;
  /** Everything came to rest in time. */
  readonly ended: boolean;
}

const MOST_APPLIED = 300;
const MOST_OUTBOX = 300;

/** All documents and topics that speak of it: for whoever looks for a cause. */
function dump({ world, telegram }: Ended, word: string): void {
  const print = (line: string): void => void process.stdout.write(`${line.slice(0, 1_500)}\n`);
  for (const [name, table] of world.database.tables)
    for (const doc of table.docs.values())
      if (JSON.stringify(doc).includes(word)) print(`${name} ${JSON.stringify(doc)}`);
  for (const [id, body] of telegram.made)
    if (JSON.stringify(body).includes(word) || process.env.SIM_DUMP_ALL)
      print(`update ${id} ${JSON.stringify(body)}`);
  for (const topic of telegram.topics.values()) {
    if (!JSON.stringify([topic.name, topic.seen.map(({ text }) => text)]).includes(word)) continue;
    print(`topic ${topic.thread} ${topic.name} deleted: ${topic.deleted}`);
    for (const { at, text, by, key } of topic.seen) print(`  ${at.toFixed()} ${by.name} ${key} ${text}`);
  }
}

export function check(run: Ended): Record<string, number> {
  if (process.env.SIM_DUMP !== undefined) dump(run, process.env.SIM_DUMP);
  const { world, people, store } = run;
  const numbers: Record<string, number> = { ...store.most };
  if (!run.ended) checkLiveness(run);
  else {
    checkJournal(run);
    for (const person of people) checkPerson(run, person);
    if (!isHurried(world)) for (const work of run.operators.works.values()) checkWork(run, work);
    checkTopics(run, numbers);
  }
  for (const person of people) checkChat(run, person, numbers);
  checkCrossTalk(run);
  if ((store.most.applied ?? 0) > MOST_APPLIED)
    world.find('I15 bounds', `a session remembered ${store.most.applied} applied rows`);
  if ((store.most.outbox ?? 0) > MOST_OUTBOX)
    world.find('I15 bounds', `an outbox held ${store.most.outbox} entries`);
  return numbers;
}

const rowsOf = ({ world }: Ended, table: string): readonly Doc[] => [
  ...world.database.table(table).docs.values(),
];

function checkLiveness(run: Ended): void {
  const { world, telegram, operators, people } = run;
  const find = (what: string): void => world.find('I10 liveness', what);
  find(
    `not at rest ${Math.round((world.scheduler.now - world.weather.calmFrom) / 1000)} s after the faults ended`,
  );
  for (const person of people)
    if (!person.finished)
      find(
        `${person.token} (${person.does}) waits; last shown: ${person.face.seen.at(-1)?.text.slice(0, 60)}`,
      );
  if (run.vk.backlog > 0) find(`${run.vk.backlog} events wait at VK`);
  if (telegram.backlog > 0) find(`${telegram.backlog} updates wait at Telegram`);
  for (const work of operators.works.values())
    if (!work.finished)
      find(
        `the operator of ${work.number} (${work.plan}, claimed: ${work.claimed}) waits; last shown: ${operators.live(work.number)?.seen.at(-1)?.text.slice(0, 60)}`,
      );
  for (const row of rowsOf(run, 'journal'))
    if (row.state === 'pending') find(`journal row ${row._id} ${row.channel} ${row.eventId} is pending`);
  for (const session of rowsOf(run, 'sessions'))
    if (session.x !== undefined || session.d !== undefined)
      find(`session ${session._id} holds ${JSON.stringify(session.x ?? session.d).slice(0, 200)}`);
}

/** Every update that was taken stands in the journal, and nothing else does. */
function checkJournal(run: Ended): void {
  const { world, telegram } = run;
  const rows = new Map<string, Doc[]>();
  for (const row of rowsOf(run, 'journal')) {
    const key = `${row.channel}:${row.account}:${row.eventId}`;
    const same = rows.get(key);
    if (same) same.push(row);
    else rows.set(key, [row]);
    if (row.state !== 'applied') world.find('I1 loss', `row ${row._id} ended as ${row.state}`);
  }
  for (const [key, same] of rows)
    if (same.length > 1) world.find('I2 effect', `event ${key} stands ${same.length} times in the journal`);
  for (const id of run.vk.taken)
    if (!rows.has(`vk:${GROUP}:${id}`))
      world.find('I1 loss', `event ${id} of VK was taken and stands in no journal`);
  for (const row of rowsOf(run, 'journal'))
    if ((row.event as { kind: string }).kind === 'outside')
      world.find('I11 echo', `our own message came in as somebody's: ${String(row.eventId)}`);
  for (const [id, body] of telegram.made) {
    const message = (body.message ?? body.callback_query) as {
      readonly chat?: { readonly id: number };
      readonly from?: { readonly is_bot: boolean };
      readonly sender_chat?: object;
    };
    if (!message.from || message.from.is_bot || message.sender_chat) continue;
    if (!telegram.taken.has(id)) world.find('I1 loss', `update ${id} was never taken`);
    const channel = (message.chat?.id ?? 1) < 0 ? 'forum' : 'telegram';
    if (!rows.has(`${channel}:${ACCOUNT}:${id}`))
      world.find(
        'I1 loss',
        `update ${id} was taken and stands in no journal: ${JSON.stringify(body).slice(0, 200)}`,
      );
  }
}

const contactOf = ({ world }: Ended, person: Person): string => world.program.src.contactIdOf(person.address);

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function checkPerson(run: Ended, person: Person): void {
  const { world } = run;
  if (isHurried(world)) return checkHurried(run, person);
  const contact = contactOf(run, person);
  const who = `${person.token} (${person.does})`;
  const responses = rowsOf(run, 'responses').filter((one) => one.contact === contact);
  const wanted = person.response;
  if (responses.length !== (wanted ? 1 : 0))
    world.find('I3 outcome', `${who} has ${responses.length} responses in place of ${wanted ? 1 : 0}`);
  const [response] = responses;
  if (response && wanted) {
    const { place } = response.answers as { readonly place?: string };
    const { republishedAt, clockJumps } = world.weather;
    const [first] = world.program.releases;
    const startedAt = Number(response.startedAt) - BEGINNING;
    const isEarlier = republishedAt !== undefined && clockJumps.length === 0 && startedAt < republishedAt;
    if (isEarlier && response.flowVersion !== first.release.flows.get('rating')?.hash)
      world.find('I3 outcome', `${who} ended in another release than the one the talk began in`);
    const got = [
      response.state,
      response.score,
      response.reasons,
      response.comment,
      response.contactAllowed,
      place,
    ];
    const should = [
      wanted.state,
      wanted.score,
      wanted.why ?? [],
      wanted.comment,
      wanted.contact,
      wanted.place,
    ];
    // A clock set back makes what is recorded later look older, and the older partial answers stand.
    const isBack = world.weather.clockJumps.some(({ by }) => by < 0) && wanted.state === 'partial';
    if (!same(got, should) && !isBack)
      world.find('I3 outcome', `${who}: ${JSON.stringify(got)} in place of ${JSON.stringify(should)}`);
  }
  const tickets = rowsOf(run, 'tickets').filter((one) => one.contact === contact);
  if (tickets.length !== (person.ticket ? 1 : 0))
    return world.find(
      'I3 outcome',
      `${who} has ${tickets.length} tickets in place of ${person.ticket ? 1 : 0}`,
    );
  const [ticket] = tickets;
  if (!ticket || !person.ticket) return;
  if (person.told === undefined ? person.face.misses === 0 : person.told !== ticket.number)
    world.find('I3 outcome', `${who} was told ${person.told}, it is ${String(ticket.number)}`);
  const fields = Object.fromEntries(
    (ticket.fields as { id: string; value: string }[]).map(({ id, value }) => [id, value]),
  );
  if (!same(fields, person.ticket.fields))
    world.find(
      'I3 outcome',
      `${who}: ${JSON.stringify(fields)} in place of ${JSON.stringify(person.ticket.fields)}`,
    );
  const { length } = ticket.evidence as unknown[];
  if (length !== person.ticket.files)
    world.find('I3 outcome', `${who} has ${length} files in place of ${person.ticket.files}`);
  checkReplies(run, person, ticket);
}

/** The clock was set a day on: whoever had not finished found their talk over. */
export const isHurried = (world: World): boolean => world.weather.clockJumps.some(({ by }) => by > 0);

function checkHurried(run: Ended, person: Person): void {
  const contact = contactOf(run, person);
  for (const table of ['responses', 'tickets'] as const) {
    const { length } = rowsOf(run, table).filter((one) => one.contact === contact);
    if (length > 1) run.world.find('I3 outcome', `${person.token} has ${length} ${table}`);
  }
}

/** What they said to the operator is kept once, and stands in their topic. */
function checkReplies(run: Ended, person: Person, ticket: Doc): void {
  const { world, operators } = run;
  if (operators.works.get(String(ticket.number))?.plan === 'close') return;
  for (const words of person.replies) {
    const kept = rowsOf(run, 'messages').filter((one) => one.text === words);
    if (kept.length !== 1 || kept[0]?.ticket !== ticket._id)
      world.find('I3 outcome', `"${words}" is kept ${kept.length} times in ${String(kept[0]?.ticket)}`);
    const shown = [...run.telegram.topics.values()].some(
      (topic) => topic.number === ticket.number && topic.seen.some(({ text }) => text.includes(words)),
    );
    if (!shown) world.find('I4 delivery', `"${words}" was never shown at the desk`);
  }
}

/** Of two copies of one thing, whether there is a reason known for the second. */
function isExcused(run: Ended, by: Life, answered: boolean, from: number, to: number): boolean {
  const { world } = run;
  if (!answered || world.weather.fleet === 'two by mistake') return true;
  if (by.diedAt !== undefined && by.diedAt >= from && by.diedAt <= to) return true;
  if (world.weather.fleet === 'one') return false;
  // What keeps two from one lane was lost meanwhile, or could not be asked.
  return (
    world.weather.flushes.some((at) => at >= from - HELD && at <= to) ||
    world.weather.sharedAway.some((away) => away.to >= from - HELD && away.from <= to) ||
    world.lives.some(({ frozen }) => frozen.some((one) => one.to >= from - HELD && one.from <= to))
  );
}

/** A name may have been taken so long before. */
const HELD = 60_000;

/** Where several share the work, one that was refused half-way lets another begin the whole show again. */
const isHandedOn = ({ world }: Ended, by: Life, number: string, from: number, to: number): boolean =>
  world.weather.fleet !== 'one' &&
  world.refusals.some(({ life, place, at }) => life === by && place === number && at >= from && at <= to);

function copies(
  run: Ended,
  where: string,
  seen: readonly Seen[],
  keyOf: (seen: Seen) => string | undefined,
  number?: string,
): number {
  const last = new Map<string, Seen>();
  let extra = 0;
  for (const one of seen) {
    const key = keyOf(one);
    if (key === undefined) continue;
    const before = last.get(key);
    last.set(key, one);
    if (!before) continue;
    extra += 1;
    // What was under way when its sender died may arrive after all.
    const isLate = one.by.diedAt !== undefined && one.by.diedAt <= one.at;
    const handedOn = number !== undefined && isHandedOn(run, before.by, number, before.at, one.at);
    if (!isLate && !handedOn && !isExcused(run, before.by, before.answered, before.at, one.at))
      run.world.find(
        'I4 delivery',
        `${where} was shown again without a reason: ${key} "${one.text.slice(0, 60)}" ${told(before)}, ${told(one)}`,
      );
  }
  return extra;
}

const told = ({ at, by }: Seen): string =>
  `at ${at.toFixed()} by ${by.name}${by.diedAt === undefined ? '' : ` (died at ${by.diedAt.toFixed()})`}`;

/** A network that takes our own id with each send shows nothing twice, whatever went wrong. */
function keysTwice(seen: readonly Seen[]): string | undefined {
  const keys = seen.map(({ key }) => key);
  return keys.find((key, index) => key !== undefined && keys.indexOf(key) !== index);
}

const numberOf = (key: string): number => Number.parseInt(key.slice(key.indexOf('.') + 1), 36);

function checkChat(run: Ended, person: Person, numbers: Record<string, number>): void {
  const { seen } = person.face;
  numbers.copies = (numbers.copies ?? 0) + copies(run, person.token, seen, ({ key }) => key);
  if (person.address.channel === 'vk' && keysTwice(seen))
    run.world.find(
      'I4 delivery',
      `${person.token} was shown ${keysTwice(seen)} twice where nothing is shown twice`,
    );
  const first = new Set<string>();
  let highest = 0;
  for (const { key, text } of seen) {
    if (key === undefined || first.has(key)) continue;
    first.add(key);
    const number = numberOf(key);
    if (number < highest && run.world.weather.fleet !== 'two by mistake')
      run.world.find(
        'I5 order',
        `${person.token} was shown "${text.slice(0, 60)}" after what was decided later`,
      );
    highest = Math.max(highest, number);
  }
  for (const { text, key } of seen) {
    if (key === undefined)
      run.world.find('I11 echo', `${person.token} was shown what nothing asked for: ${text}`);
    if (text.includes('unsaid')) run.world.find('I14 authority', `${person.token} was shown "${text}"`);
  }
  if (!run.ended || !person.silent || person.face.misses > 0 || isHurried(run.world)) return;
  const reminders = new Set(seen.filter(({ text }) => text.startsWith('R9')).map(({ key }) => key));
  if (reminders.size !== 1)
    run.world.find('I8 timer', `${person.token} was reminded ${reminders.size} times`);
}

function checkCrossTalk(run: Ended): void {
  const { world, telegram, people } = run;
  for (const person of people) {
    for (const { text } of person.face.seen)
      for (const [token] of text.matchAll(TOKENS))
        if (token !== person.token) world.find('I6 cross-talk', `${person.token} was shown "${text}"`);
  }
  const owners = new Map(rowsOf(run, 'tickets').map((one) => [one.number, one.contact]));
  const tokens = new Map(people.map((person) => [contactOf(run, person), person.token]));
  for (const topic of telegram.topics.values()) {
    const own = tokens.get(String(owners.get(topic.number)));
    for (const { text } of [...topic.seen, { text: topic.name }])
      for (const [token] of text.matchAll(TOKENS))
        if (token !== own) world.find('I6 cross-talk', `topic ${topic.number} of ${own} shows "${text}"`);
  }
}

/** Their words end in a number: the first word is not also the tenth. */
const shows = (text: string, word: string): boolean =>
  text
    .split(word)
    .slice(1)
    .some((rest) => !/^\d/.test(rest));

function checkWork(run: Ended, work: Work): void {
  const { world, people } = run;
  const ticket = rowsOf(run, 'tickets').find((one) => one.number === work.number);
  if (!ticket) return world.find('I7 topic', `topic ${work.number} belongs to no ticket`);
  const person = people.find((one) => contactOf(run, one) === ticket.contact);
  const { assignee } = ticket as { readonly assignee?: { readonly id: string } };
  const should = work.claimed ? `tg:${work.operator}` : undefined;
  if (assignee?.id !== should)
    world.find('I14 authority', `${work.number} is answered by ${assignee?.id} in place of ${should}`);
  if ((ticket.status === 'closed') !== work.closed)
    world.find(
      'I3 outcome',
      `${work.number} is ${String(ticket.status)}, its operator closed: ${work.closed}`,
    );
  for (const said of work.said) {
    if (isStray(said.topic)) continue;
    const shown = person?.face.seen.filter(({ text }) => shows(text, said.text)).length ?? 0;
    const kept = rowsOf(run, 'messages').filter((one) => one.text === said.text);
    if (shown > 1 + said.resends)
      world.find(
        'I4 delivery',
        `"${said.text}" was shown ${shown} times, asked for again ${said.resends} times`,
      );
    if (kept.length > 1 + said.resends)
      world.find('I2 effect', `"${said.text}" is kept ${kept.length} times`);
    if (kept.length === 0) world.find('I1 loss', `"${said.text}" is not kept`);
    if (shown === 0 && said.told === 0)
      world.find('I4 delivery', `"${said.text}" never came, and the desk was not told`);
  }
  for (const text of work.unsaid) {
    const sent = person?.face.seen.some((one) => one.text.includes(text));
    if (sent) world.find('I14 authority', `"${text}" reached ${person?.token}`);
  }
}

function checkTopics(run: Ended, numbers: Record<string, number>): void {
  const { world, telegram } = run;
  const byNumber = new Map<string, Topic[]>();
  for (const topic of telegram.topics.values()) {
    const all = byNumber.get(topic.number);
    if (all) all.push(topic);
    else byNumber.set(topic.number, [topic]);
    copies(
      run,
      `topic ${topic.number}`,
      topic.seen,
      ({ key, text, file }) => key && `${key} ${text} ${file}`,
      topic.number,
    );
  }
  for (const ticket of rowsOf(run, 'tickets')) {
    const places = (ticket.places as { key: string; live: boolean }[] | undefined) ?? [];
    const live = places.filter((one) => one.live);
    if (live.length !== 1) world.find('I7 topic', `${String(ticket.number)} has ${live.length} live places`);
    const topics = byNumber.get(String(ticket.number)) ?? [];
    const known = new Set(places.map(({ key }) => Number(key.split(':')[2])));
    const inGroup = live[0]?.key.startsWith(`forum:${telegram.group}:`);
    if (live.length === 1 && !inGroup && isSure(run))
      world.find(
        'I7 topic',
        `${String(ticket.number)} lives at ${live[0]?.key}, the group is ${telegram.group}`,
      );
    for (const [index, topic] of topics.entries()) {
      if (known.has(topic.thread)) continue;
      numbers.orphans = (numbers.orphans ?? 0) + 1;
      const until = topics[index + 1]?.at ?? Number.POSITIVE_INFINITY;
      if (!isExcused(run, topic.by, topic.answered, topic.at, until))
        world.find('I7 topic', `topic ${topic.thread} of ${topic.number} is known to nobody`);
    }
    if (known.size > topics.length)
      world.find('I7 topic', `${String(ticket.number)} names topics that never were`);
  }
}

/** The group's move was heard of by all: a place written meanwhile may still stand under the former id. */
const isSure = ({ world }: Ended): boolean =>
  world.weather.migratesAt === undefined || !isIn(world.weather.storeAway, world.weather.migratesAt);
