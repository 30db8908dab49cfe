// Counts one run's findings by what both programs promise: a finished talk leaves one outcome with the person's answers,
// a complaint's words reach the topic, an operator's answer reaches its person once. The checker finds; here is counted.
import type { Finding, Report } from '../../test/faults/check.ts';
import { shownIn } from '../../test/faults/face-telegram.ts';
import type { Kept } from '../../test/faults/kept.ts';
import type { RunResult, Taker } from '../../test/faults/kill.ts';

export type Tally = Readonly<Record<string, number>>;

export function tally(run: RunResult, { findings, numbers }: Report, kept: Kept): Tally {
  const { takers } = run;
  const count = (about: Finding['about'], ...rules: readonly Finding['rule'][]): number =>
    findings.filter((one) => one.about === about && rules.includes(one.rule)).length;
  const surveys = takers.filter(({ plan }) => plan.talk.does === 'rating');
  const others = takers.filter(({ plan }) => plan.talk.does !== 'rating');
  const answered = new Set(kept.responses.map(({ contact }) => contact));
  const names = new Map(kept.contacts.map(({ id, person }) => [person.name?.split(' ')[0], id]));
  const hasNone = ({ plan }: Taker): boolean => !answered.has(names.get(plan.name) ?? '');
  const said = takers.flatMap(({ work, face }) =>
    (work?.said ?? []).map((one) => ({
      ...one,
      seen: face.shown().some(({ text }) => text === one.text || text.endsWith(`:\n${one.text}`)),
    })),
  );
  const { tg, forum } = run.desk;
  const desk = forum.topics().flatMap(({ id }) => shownIn(tg, forum.id, id).map(({ text }) => text));
  const unheard = takers.filter(
    (taker) => taker.told !== undefined && !desk.some((text) => text.includes(wordsOf(taker))),
  );
  return {
    'talks begun': takers.length,
    'killed with SIGKILL': run.kills.length,
    'talks that hung': takers.filter(({ finished }) => !finished).length,
    'NPS surveys begun': surveys.length,
    'surveys without an outcome': surveys.filter(hasNone).length,
    'of them, all questions were answered': surveys.filter(
      (taker) => hasNone(taker) && (taker.finished || taker.stuck?.endsWith(' begins with R5')),
    ).length,
    'of them, person was thanked': surveys.filter((taker) => taker.finished && hasNone(taker)).length,
    'outcomes stored twice': count('outcome', 'doubled'),
    'outcomes with other answers': count('outcome', 'wrong'),
    'complaints and questions begun': others.length,
    'of them, hung before a number was told': others.filter(({ finished }) => !finished).length,
    'number told, no ticket': count('ticket', 'lost'),
    'tickets doubled or with other words': count('ticket', 'doubled', 'wrong'),
    'tickets without a topic': count('topic', 'lost'),
    'words that never reached a topic': unheard.length,
    "operators' answers": said.length,
    'answers lost without a word': count('word', 'lost'),
    'answers lost, desk was told': said.filter(({ unknown, seen }) => unknown && !seen).length,
    'answers seen twice': count('word', 'doubled'),
    "customers' later words lost": count('line', 'lost'),
    'seen by the wrong person': findings.filter(({ rule }) => rule === 'cross_talk').length,
    'extra copies, a kill or lost answer explains':
      (numbers.extra_copies ?? 0) + (numbers.extra_copies_desk ?? 0),
    // What the plain bot says to a second answer that does not fit is not a copy of what it said to the first.
    'extra copies unexplained': findings.filter(
      ({ about, rule, what }) => about === 'copy' && rule === 'doubled' && !what.includes(', please.'),
    ).length,
    'ended by itself': run.lives.filter(({ end }) => end === 'crashed').length,
  };
}

function wordsOf({ plan: { talk } }: Taker): string {
  if (talk.does === 'rating') return talk.comment;
  return talk.does === 'trouble' ? talk.what : talk.question;
}
