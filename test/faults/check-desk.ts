// The desk against the plan: one live topic a ticket, every operator's word with its one customer, every customer's
// word in their own topic, and what was done to a ticket done once.
import { type Find, nameOf } from './check.ts';
import { shownIn } from './face-telegram.ts';
import type { Kept } from './kept.ts';
import type { RunResult, Taker } from './kill.ts';
import { copiesIn, inWindow, laneIn } from './ledger.ts';
import { UNSURE } from './operators.ts';

export async function checkDesk(
  run: RunResult,
  kept: Kept,
  find: Find,
  numbers: Record<string, number>,
): Promise<void> {
  const { tg, forum } = run.desk;
  const places = new Map<number, string>();
  let orphans = 0;
  for (const ticket of kept.tickets) {
    const live = ticket.places.filter((place) => place.live);
    if (live.length !== 1)
      find(live.length > 1 ? 'doubled' : 'lost', `${ticket.number} has ${live.length} live topics`, 'topic');
    for (const { key } of ticket.places) places.set(Number(key.split(':')[2]), ticket.number);
  }
  for (const topic of forum.topics()) {
    if (places.has(topic.id)) continue;
    orphans += 1;
    // A topic nobody knows of may stand only where its making was never heard of or never written down.
    const lane = laneIn(tg, forum.id, topic.id);
    const making = lane.find(({ method }) => method === 'createForumTopic');
    if (!making || !inWindow(run.lives, lane, making))
      find('doubled', `topic "${topic.name}" belongs to no ticket`);
  }
  numbers.topics = forum.topics().length;
  numbers.orphan_topics = orphans;

  for (const thread of places.keys()) {
    const shown = shownIn(tg, forum.id, thread);
    const lane = laneIn(tg, forum.id, thread);
    const copies = copiesIn(run.lives, `topic ${thread}`, shown, lane, noticesAgain(run, thread));
    numbers.extra_copies_desk = (numbers.extra_copies_desk ?? 0) + copies.excused;
    for (const what of copies.unexcused) find('doubled', what, 'copy');
  }
  for (const taker of run.takers) if (taker.work) checkWork(run, taker, kept, find, numbers);
}

/** The desk is told once for each time that a word's fate was unknown, and once for each time it was asked for again. */
function noticesAgain(run: RunResult, thread: number): (text: string) => number {
  const said = run.takers.find(({ work }) => work?.thread === thread)?.work?.said ?? [];
  return (text) => {
    if (text.startsWith('Sending it again'))
      return Math.max(0, said.reduce((sum, { resends }) => sum + resends, 0) - 1);
    if (!UNSURE.test(text)) return 0;
    return said.find((one) => text.includes(`“${one.text.slice(0, 40)}`))?.resends ?? 0;
  };
}

function checkWork(
  run: RunResult,
  taker: Taker,
  kept: Kept,
  find: Find,
  numbers: Record<string, number>,
): void {
  const { work, plan } = taker;
  if (!work) return;
  const who = nameOf(taker);
  for (const said of work.said) {
    const copies = taker.face
      .shown()
      .filter(({ text }) => text === said.text || text.endsWith(`:\n${said.text}`)).length;
    numbers.words = (numbers.words ?? 0) + 1;
    if (said.unknown) numbers.words_unknown = (numbers.words_unknown ?? 0) + 1;
    if (copies === 0 && !said.unknown) find('lost', `"${said.text}" never reached ${who}`, 'word');
    if (copies > 1 + said.resends) find('doubled', `"${said.text}" reached ${who} ${copies} times`, 'word');
  }
  const ticket = kept.tickets.find(({ number }) => number === taker.told);
  if (!ticket) return;
  const changes = ticket.history.map(({ what, to }) => `${what}:${to}`);
  const twice = changes.filter((change, index) => changes.indexOf(change) !== index);
  if (twice.length > 0) find('doubled', `${ticket.number} was changed twice: ${twice.join(' ')}`);
  if (work.claimed && !ticket.assignee) find('lost', `the claim of ${ticket.number}`);
  if (work.closed !== (ticket.status === 'closed')) find('wrong', `${ticket.number} is ${ticket.status}`);
  if (plan.talk.does !== 'operator') return;
  // Their words stand in their own topic, in the order they said them.
  const wanted = plan.talk.replies.map((reply) => `👤 ${reply}`);
  const lines = [...work.former, work.thread]
    .flatMap((thread) => shownIn(run.desk.tg, run.desk.forum.id, thread))
    .flatMap(({ text }) => (wanted.includes(text) ? text : []));
  for (const line of wanted)
    if (!lines.includes(line)) find('lost', `"${line}" of ${who} is not at the desk`, 'line');
  const order = lines.filter((line, index) => line !== lines[index - 1]);
  if (taker.plan.channel === 'web' && order.join() !== wanted.join())
    find('order', `the desk saw of ${who}: ${order.join(' ')}`);
}
