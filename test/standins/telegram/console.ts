// Plays people from lines of text: "say hello", "p2 press 9", "op1 topic 2 hi". It turns a line into what a person
// does and says what came of it; reading the keyboard and printing are in run.ts.
import type { Actor } from './actor.ts';
import type { Forum, ForumActor } from './forum.ts';
import type { Seen } from './ledger.ts';
import type { Person } from './person.ts';
import type { TelegramStandIn } from './telegram.ts';

export interface Cast {
  readonly standIn: TelegramStandIn;
  /** p1, p2 … */
  readonly people: readonly Person[];
  /** op1, op2 …; they are in the forum. */
  readonly operators: readonly Person[];
  readonly forum: Forum | undefined;
}

export const HELP = `A line is: [who] what [words]. Who: p1, p2 … (p1 if left out), op1, op2 … in the forum.
  start [payload]      press Start          say WORDS            write to the bot
  press LABEL          press a button       tap LABEL            press a key under the text field
  edit ID WORDS        edit a message       react ID [EMOJI]     react to one
  photo [WORDS]        send a picture       sticker | voice | location | contact
  block | unblock      the bot              seen                 what the chat shows now
  op1 topic N WORDS    write in a topic     op1 general WORDS    write in General
  op1 reply ID WORDS   answer a message     op1 press LABEL      press a button in the forum
  topics               the forum's topics   seen topic N         one topic
  op1 new NAME         make a topic         close N | reopen N | delete N
  migrate              the group's new id   violations           mistakes in the bot's calls
  help | quit`;

/** A picture of one grey dot. */
const DOT = Buffer.from('R0lGODlhAQABAIAAAMLCwgAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');

export function describeMessage(message: Seen): string {
  const who = message.byBot ? 'bot' : message.from.name;
  const media = message.media === undefined ? '' : `[${message.media.kind}] `;
  const buttons = message.buttons
    .map((row) => `\n      ${row.map((one) => `[ ${one.text} ]`).join(' ')}`)
    .join('');
  const keys = (message.keyboard ?? [])
    .map((row) => `\n      ${row.map((one) => `( ${one} )`).join(' ')}`)
    .join('');
  const service =
    message.text ?? Object.keys(message.wire).find((field) => /^forum_|^pinned|_member|migrate/.test(field));
  const edited = message.edited ? ' (edited)' : '';
  return `  #${message.message_id} ${who}: ${media}${service ?? ''}${edited}${buttons}${keys}`;
}

function splitWord(text: string): [string, string] {
  const found = /^(\S+)\s*([\s\S]*)$/.exec(text.trim());
  return [found?.[1] ?? '', found?.[2] ?? ''];
}

function requireForum(cast: Cast): Forum {
  if (cast.forum === undefined) throw new Error('there is no forum; start with --forum');
  return cast.forum;
}

/** A topic is named by its number, or by its place in the list counted from 1. */
function findTopic(forum: Forum, word: string): number {
  const wanted = Number(word);
  const topics = forum.topics();
  const found = topics.find((topic) => topic.id === wanted) ?? topics[wanted - 1];
  if (found === undefined)
    throw new Error(`no topic ${word}; there are: ${topics.map((one) => one.id).join(', ')}`);
  return found.id;
}

const show = (messages: readonly Seen[]): string => messages.map(describeMessage).join('\n') || '  (nothing)';

function actCommon(actor: Actor, what: string, words: string): string | undefined {
  const [first, rest] = splitWord(words);
  if (what === 'say') return describeMessage(actor.say(words));
  if (what === 'press') return `  pressed, data ${actor.press(words).data}`;
  if (what === 'edit') return describeMessage(actor.edit(Number(first), rest));
  if (what === 'photo') return describeMessage(actor.sendPhoto({ bytes: DOT, name: 'dot.gif' }, words));
  if (what === 'sticker') return describeMessage(actor.sendSticker());
  if (what === 'voice') return describeMessage(actor.sendVoice({ bytes: DOT }));
  if (what === 'location') return describeMessage(actor.sendLocation(55.7558, 37.6173));
  if (what === 'contact') return describeMessage(actor.sendContact('+79001234567'));
  if (what === 'react') {
    actor.react(Number(first), rest === '' ? undefined : rest);
    return '  reacted';
  }
  return undefined;
}

function actPerson(person: Person, what: string, words: string): string | undefined {
  if (what === 'start') return describeMessage(person.start(words === '' ? undefined : words));
  if (what === 'tap') return describeMessage(person.tap(words));
  if (what === 'seen') return show(person.messages());
  if (what === 'block' || what === 'unblock') {
    person[what]();
    return `  ${what}ed`;
  }
  return actCommon(person, what, words);
}

function actOperator(forum: Forum, person: Person, what: string, words: string): string | undefined {
  const actor: ForumActor = forum.member(person);
  const [first, rest] = splitWord(words);
  if (what === 'topic') return describeMessage(actor.say(rest, { thread: findTopic(forum, first) }));
  if (what === 'general') return describeMessage(actor.sayInGeneral(words));
  if (what === 'reply') return describeMessage(actor.reply(Number(first), rest));
  if (what === 'new') return `  topic ${forum.createTopic(person, words).id}`;
  return actCommon(actor, what, words);
}

function actForum(cast: Cast, what: string, words: string): string | undefined {
  if (what === 'topics') {
    const topics = requireForum(cast).topics();
    const line = (one: (typeof topics)[number], index: number): string =>
      `  ${index + 1}. ${one.id} "${one.name}"${one.closed ? ' closed' : ''}${one.deleted ? ' deleted' : ''}`;
    return topics.map(line).join('\n') || '  (no topics)';
  }
  if (what === 'seen' && words.startsWith('topic')) {
    const forum = requireForum(cast);
    return show(forum.messages(findTopic(forum, splitWord(words)[1])));
  }
  if (what === 'migrate') return `  the forum is ${requireForum(cast).migrate()} now`;
  if (what === 'close' || what === 'reopen' || what === 'delete') {
    const forum = requireForum(cast);
    forum[`${what}Topic`](findTopic(forum, words));
    return '  done';
  }
  return undefined;
}

export function actLine(cast: Cast, line: string): string {
  const [head, tail] = splitWord(line);
  if (head === '') return '';
  if (head === 'help') return HELP;
  if (head === 'violations') {
    return (
      cast.standIn.violations.map((one) => `  ${one.method}: ${one.kind}: ${one.detail}`).join('\n') ||
      '  none'
    );
  }
  const named = /^(p|op)(\d+)$/.exec(head);
  const [what, words] = named === null ? [head, tail] : splitWord(tail);
  const crowd = named?.[1] === 'op' ? cast.operators : cast.people;
  const person = crowd[Number(named?.[2] ?? 1) - 1];
  if (person === undefined) throw new Error(`there is no ${head}`);
  const done =
    actForum(cast, what, words) ??
    (named?.[1] === 'op'
      ? actOperator(requireForum(cast), person, what, words)
      : actPerson(person, what, words));
  if (done === undefined) throw new Error(`nobody knows how to "${what}"; try help`);
  return done;
}
