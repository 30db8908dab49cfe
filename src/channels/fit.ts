// Brings a message to what a channel can show: text split at its own borders, choices as buttons or as a
// numbered list, files before long words. Pure. It knows abilities, never a network's name, and drops nothing
// but white space at a border.
import type { Attachment, AttachmentKind, Choice, Message } from '../core/message.ts';
import type { Abilities } from './channel.ts';
import { capacity, sameAfterCut } from './rows.ts';
import { shorten, split } from './split.ts';

/** The hints written where there are no buttons, in the customer's language. */
export interface FitWords {
  /** Under a numbered list: "answer with the number of your choice". */
  readonly choose: string;
  /** Under a scale whose steps are numbers: "answer with a number from 0 to 10". */
  scale(from: string, to: string): string;
}

/** How the choices of a message are shown. */
type Shape =
  | { readonly as: 'buttons'; readonly buttons: readonly Choice[] }
  /** Typed: `1.` … `n.`, or a scale's own numbers. Links may still be buttons. */
  | { readonly as: 'numbers' | 'steps'; readonly buttons: readonly Choice[] }
  /** Voted for or typed: the numbers stand before the options. */
  | { readonly as: 'poll'; readonly buttons: readonly Choice[] };

/** Files that show together as one message of the network; the rest go one by one. */
const TOGETHER: readonly (readonly AttachmentKind[])[] = [['photo', 'video'], ['document']];

const CAPTIONED: ReadonlySet<AttachmentKind> = new Set(['photo', 'video', 'voice', 'audio', 'document']);

/** The parts to send, in order, each as one message; the choices stand under the last. */
export function fit(message: Message, abilities: Abilities, words: FitWords): readonly Message[] {
  const shape = shapeOf(message, abilities, words);
  const { files, written } = shownFiles(message.attachments ?? [], abilities);
  const groups = grouped(files, abilities.together);
  let text = [message.text, ...written, ...choiceText(message, shape, words)].filter(Boolean).join('\n\n');
  const [only] = groups;
  const captioned =
    groups.length === 1 &&
    only !== undefined &&
    only.every((file) => CAPTIONED.has(file.kind)) &&
    text.length <= abilities.captionLimit &&
    (only.length === 1 || shape.buttons.length === 0);
  // Buttons need words to stand under.
  if (text.trim() === '' && shape.buttons.length > 0 && !captioned) text = words.choose;
  const texts = split(text, abilities.textLimit);
  const parts: Message[] =
    captioned && only
      ? [{ text, attachments: only }]
      : [
          ...groups.map((group) => ({ text: '', attachments: group })),
          ...texts.map((part) => ({ text: part })),
        ];
  return parts.map((part, index) => ({
    ...part,
    ...(index === 0 && message.replyTo !== undefined && { replyTo: message.replyTo }),
    ...(index === parts.length - 1 &&
      shape.buttons.length > 0 && {
        choices: shape.buttons,
        ...(message.layout !== undefined && { layout: message.layout }),
      }),
  }));
}

/** True when the channel shows the choices as 1..n, so that a bare number answered means the choice. */
export function isNumbered(message: Message, abilities: Abilities): boolean {
  const { as } = shapeOf(message, abilities);
  return presses(message).length > 0 && (as === 'numbers' || as === 'poll');
}

function shapeOf(message: Message, abilities: Abilities, words?: FitWords): Shape {
  const choices = (message.choices ?? []).map((choice) => ({ ...choice, label: oneLine(choice.label) }));
  const { buttons } = abilities;
  const cut = (list: readonly Choice[]) =>
    list.map((choice) => ({ ...choice, label: shorten(choice.label, buttons?.label ?? 0) }));
  const links = choices.filter((choice) => choice.url !== undefined);
  const room = buttons ? capacity(buttons) : 0;
  const linkButtons = buttons?.links && links.length <= room ? links : [];
  const wanted = choices.filter((choice) => choice.url === undefined || linkButtons.includes(choice));
  // Two labels cut to the same words could not be told apart: then the full ones are written out.
  if (buttons && wanted.length <= room && !sameAfterCut(wanted, buttons.label)) {
    return { as: 'buttons', buttons: cut(wanted) };
  }
  if (isSteps(message)) return { as: 'steps', buttons: cut(linkButtons) };
  const poll = pollOf(message, choices, abilities, words);
  return poll ? { as: 'poll', buttons: poll } : { as: 'numbers', buttons: cut(linkButtons) };
}

/** The options of a poll in place of a list; undefined where the list must be written. */
function pollOf(
  message: Message,
  choices: readonly Choice[],
  { buttons, polls, textLimit }: Abilities,
  words: FitWords | undefined,
): readonly Choice[] | undefined {
  if (!polls || buttons || message.attachments?.length || choices.some((choice) => choice.url !== undefined))
    return undefined;
  const options = choices.map((choice, index) => ({ ...choice, label: `${index + 1}. ${choice.label}` }));
  const question = [message.text, words?.choose].filter(Boolean).join('\n\n');
  const hasRoom =
    options.every(({ label }) => label.length <= polls.label) &&
    question.length <= Math.min(polls.text, textLimit);
  return options.length >= 2 && options.length <= polls.most && hasRoom ? options : undefined;
}

/** A scale whose steps are whole numbers: its own numbers are typed, never their places in a list. */
function isSteps(message: Message): boolean {
  const steps = presses(message).filter((choice) => isWhole(choice.label));
  if (message.layout !== 'scale' || steps.length < 2) return false;
  return steps.every((step, index) => Number(step.label) === Number(steps[0]?.label) + index);
}

function choiceText(message: Message, shape: Shape, words: FitWords): string[] {
  const links = (message.choices ?? [])
    .filter(
      (choice) => choice.url !== undefined && !shape.buttons.some((button) => button.url === choice.url),
    )
    .map((choice) => `${oneLine(choice.label)}: ${choice.url}`)
    .join('\n');
  const open = presses(message).map((choice) => oneLine(choice.label));
  if (shape.as === 'buttons' || open.length === 0) return [links];
  if (shape.as === 'poll') return [words.choose];
  if (shape.as === 'numbers') {
    return [links, open.map((label, index) => `${index + 1}. ${label}`).join('\n'), words.choose];
  }
  const steps = open.filter(isWhole);
  const others = open.filter((label) => !isWhole(label)).map((label) => `– ${label}`);
  return [links, others.join('\n'), words.scale(steps[0] ?? '', steps.at(-1) ?? '')];
}

function shownFiles(
  attachments: readonly Attachment[],
  abilities: Abilities,
): { files: readonly Attachment[]; written: readonly string[] } {
  const files: Attachment[] = [];
  const written: string[] = [];
  for (const attachment of attachments) {
    if (abilities.media.includes(attachment.kind)) files.push(attachment);
    else if (attachment.location) {
      written.push(`${attachment.location.latitude}, ${attachment.location.longitude}`);
    } else if (attachment.contact) {
      written.push(`${attachment.contact.name} ${attachment.contact.phone}`.trim());
    } else if (abilities.media.includes('document')) files.push({ ...attachment, kind: 'document' });
    else written.push(`[${attachment.name ?? attachment.kind}]`);
  }
  return { files, written };
}

function grouped(files: readonly Attachment[], most: number): Attachment[][] {
  const groups: Attachment[][] = [];
  for (const file of files) {
    const last = groups.at(-1);
    const family = TOGETHER.find((kinds) => kinds.includes(file.kind));
    const joins = last?.[0] !== undefined && family?.includes(last[0].kind) && last.length < most;
    if (last && joins) last.push(file);
    else groups.push([file]);
  }
  return groups;
}

function presses(message: Message): Choice[] {
  return (message.choices ?? []).filter((choice) => choice.url === undefined);
}

function isWhole(label: string): boolean {
  return /^-?\d{1,3}$/.test(label.trim());
}

function oneLine(label: string): string {
  return label.replace(/\s+/g, ' ').trim();
}
