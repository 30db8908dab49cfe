// Holds what a run left against what its plan says must come of it. It reads the stand-in's ledger, what web people
// saw, the store after the end, and the log; never what the program believes.
import { readFileSync } from 'node:fs';
import { checkDesk } from './check-desk.ts';
import { checkRecords } from './check-records.ts';
import { newest } from './face.ts';
import type { TelegramFace } from './face-telegram.ts';
import type { WebFace } from './face-web.ts';
import { type Kept, openKept } from './kept.ts';
import { PASSWORD, type RunResult, type Taker } from './kill.ts';
import type { Kill } from './kills.ts';
import { copiesIn } from './ledger.ts';
import { byOperator } from './net.ts';
import { opensTicket, operatorWord, tokenOf } from './plan.ts';
import { marksOf } from './talk.ts';

export interface Finding {
  readonly rule:
    | 'lost'
    | 'doubled'
    | 'wrong'
    | 'order'
    | 'cross_talk'
    | 'left_over'
    | 'leaked'
    | 'crashed'
    | 'calls';
  readonly what: string;
  /** What it befell, where runs are compared by it. */
  readonly about?: 'outcome' | 'ticket' | 'topic' | 'word' | 'line' | 'copy';
}

/** Notes a finding. */
export type Find = (rule: Finding['rule'], what: string, about?: Finding['about']) => void;

export interface Report {
  readonly findings: readonly Finding[];
  readonly numbers: Readonly<Record<string, number>>;
}

/** `open` reads what the program kept, where that is not ours. */
export async function check(
  run: RunResult,
  open: (run: RunResult) => Promise<Kept> = ({ dataDir }) => openKept(dataDir),
): Promise<Report> {
  const findings: Finding[] = [];
  const find: Find = (rule, what, about) =>
    void findings.push({ rule, what, ...(about === undefined ? {} : { about }) });
  const numbers: Record<string, number> = {
    conversations: run.takers.length,
    finished: run.takers.filter((taker) => taker.finished).length,
    kills: run.kills.length,
    ...killsBy(run.kills, ({ kind }) => kind),
    ...killsBy(run.kills, ({ net, method }) => net && `${net}_${method}`),
    ...run.faults,
    requests: run.nets.reduce((sum, { requests }) => sum + requests.length, 0),
    stop_ms: run.stop.ms,
  };

  for (const taker of run.takers) {
    if (taker.stuck !== undefined) find('lost', `${nameOf(taker)} ${taker.stuck}`);
    checkSeen(run, taker, find, numbers);
  }
  checkCrossTalk(run, find);
  for (const life of run.lives)
    if (life.end === 'crashed') find('crashed', `a life ended by itself with code ${life.code}`);
  if (run.stop.code !== 0) find('crashed', `asked to stop, it ended with code ${run.stop.code}`);
  if (run.stop.ms > 5_000) find('crashed', `asked to stop, it took ${run.stop.ms} ms`);
  for (const { name, violations } of run.nets)
    for (const violation of violations) find('calls', `${name}: ${JSON.stringify(violation)}`);
  checkLog(run, find);

  const kept = await open(run).catch((error: unknown) => {
    find('wrong', `the store cannot be opened: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (kept === undefined) return { findings, numbers };
  try {
    await checkRecords(run, kept, find, numbers);
    await checkDesk(run, kept, find, numbers);
  } catch (error) {
    find('wrong', `the store could not be read: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await kept.close();
  }
  return { findings, numbers };
}

function killsBy(
  kills: readonly Kill[],
  by: (kill: Kill) => string | undefined,
): Readonly<Record<string, number>> {
  const groups = Map.groupBy(kills, by);
  return Object.fromEntries(
    [...groups].flatMap(([name, all]) => (name === undefined ? [] : [[`kills_${name}`, all.length]])),
  );
}

export const nameOf = ({ plan }: Taker): string => `${plan.channel} ${plan.id} (${plan.talk.does})`;

const EXPECTED = /^[RTO]\d |^Got \d file|^Chosen: |looking into your ticket|is closed|^That talk is over/;
const isWeb = (face: object): face is WebFace => 'own' in face;

function checkSeen(run: RunResult, taker: Taker, find: Find, numbers: Record<string, number>): void {
  const { face, plan } = taker;
  const who = nameOf(taker);
  const shown = face.shown();
  for (const wrong of face.wrongs) find('wrong', `${who}: ${wrong}`);

  if (taker.net.lane) {
    // An operator's words are never repeated without being asked for, whatever fell into the window.
    const copies = copiesIn(run.lives, who, shown, taker.net.lane(face));
    numbers.extra_copies = (numbers.extra_copies ?? 0) + copies.excused;
    for (const what of copies.unexcused)
      if (!what.includes(operatorWord(plan))) find('doubled', what, 'copy');
  } else {
    const keys = shown.filter((one) => !byOperator(one)).map(({ key }) => key);
    for (const key of new Set(keys.filter((one, index) => keys.indexOf(one) !== index)))
      find('doubled', `${who}: ${key.slice(0, 80)}`);
  }
  if (isWeb(face)) {
    // The echo of a press is called by the message that was pressed.
    const origins = face
      .own()
      .flatMap(({ origin }) => (origin !== undefined && face.posted.get(origin) === 'message' ? origin : []));
    if (new Set(origins).size !== origins.length) find('doubled', `${who} sees their own words twice`);
  }

  const marks = shown.flatMap(({ text }) => /^[RTO]\d(?= )/.exec(text)?.[0] ?? []);
  const order = marks.filter((mark, index) => mark !== marks[index - 1]);
  const wanted = marksOf(plan);
  if (taker.finished && order.join() !== wanted.join())
    find('order', `${who} saw ${order.join(' ')} in place of ${wanted.join(' ')}`);
  for (const one of shown)
    if (!byOperator(one) && !EXPECTED.test(one.text))
      find('wrong', `${who} was told: ${one.text.slice(0, 80)}`);
  const last = newest(face, wanted.at(-1) ?? '');
  if (taker.finished && opensTicket(plan) && last && taker.told === undefined)
    find('lost', `${who} was told no number`);
}

/** Nobody sees a word that was meant for somebody else. */
function checkCrossTalk(run: RunResult, find: Find): void {
  const foreign = (text: string, plan: { readonly token: string }): string | undefined =>
    text.match(/canary\d+end/g)?.find((token) => token !== plan.token);
  const { tg, forum } = run.desk;
  for (const taker of run.takers) {
    const { face, plan } = taker;
    const texts = [
      ...face.shown(),
      ...(isWeb(face) ? face.own() : []),
      ...(taker.net === run.desk ? tg.everything((face as TelegramFace).chat) : []),
    ].map(({ text }) => text ?? '');
    for (const text of texts) {
      const token = foreign(text, plan);
      if (token) find('cross_talk', `${nameOf(taker)} saw ${token}`);
    }
  }
  for (const topic of forum.topics()) {
    const tokens = new Set(
      tg.everything(forum.id, topic.id).flatMap(({ text }) => text?.match(/canary\d+end/g) ?? []),
    );
    if (tokens.size > 1) find('cross_talk', `topic "${topic.name}" holds ${[...tokens].join(' ')}`);
  }
  for (const { text } of tg.everything(forum.id, 'general')) {
    const token = text?.match(/canary\d+end/)?.[0];
    if (token) find('cross_talk', `${token} stands outside any topic`);
  }
}

function checkLog(run: RunResult, find: Find): void {
  const log = readFileSync(run.logFile, 'utf8');
  const secrets = [...run.nets.flatMap((net) => net.secrets), PASSWORD, '345-67-89', '79123456789'];
  for (const secret of secrets) if (log.includes(secret)) find('leaked', `the log holds ${secret}`);
  for (const { plan } of run.takers) {
    for (const word of [tokenOf(plan.id), plan.name])
      if (log.includes(word)) find('leaked', `the log holds ${word}: ${lineWith(log, word)}`);
  }
}

const lineWith = (log: string, word: string): string =>
  log
    .split('\n')
    .find((line) => line.includes(word))
    ?.slice(0, 200) ?? '';
