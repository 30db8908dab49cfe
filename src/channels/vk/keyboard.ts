// Choices as a keyboard that the person's app can show. Pure. Buttons under a message are pressed in silence; an old app,
// or more buttons than fit there, gets a keyboard under the field, whose presses leave words in the dialogue.
import { Keyboard, type KeyboardBuilder } from 'vk-io';
import { DeliveryError } from '../../core/errors.ts';
import type { Choice, Message } from '../../core/message.ts';
import type { Abilities } from '../channel.ts';
import { rows } from '../rows.ts';
import { OLD_CLIENT, type PersonClient } from './person-client.ts';
import { VK_ABILITIES } from './wire.ts';

export interface Shown {
  /** Absent: none is sent along. */
  readonly keyboard?: string;
  /** A keyboard under the field stands after it. */
  readonly regular: boolean;
  /** What could not be a button, to be written under the words. */
  readonly written: readonly string[];
}

export const MOST_INLINE = 10;
const INLINE: Abilities = {
  ...VK_ABILITIES,
  buttons: { ...VK_ABILITIES.buttons!, rows: 6, most: MOST_INLINE },
};
const LABEL = 40;
/** Characters of a button's data, as JSON. */
const DATA = 255;

const NONE = String(Keyboard.builder().oneTime());

/** `standing`: whether a keyboard stands under the field now; undefined when nobody remembers. */
export function toKeyboard(
  message: Pick<Message, 'choices' | 'layout'>,
  known: PersonClient | undefined,
  standing: boolean | undefined,
): Shown {
  const client = known ?? OLD_CLIENT;
  const choices = message.choices ?? [];
  for (const choice of choices) check(choice);
  const links = choices.filter((choice) => choice.url !== undefined);
  const asButtons = client.actions.includes('open_link')
    ? choices
    : choices.filter((choice) => choice.url === undefined);
  const written = links
    .filter((link) => !asButtons.includes(link))
    .map((link) => `${link.label}: ${link.url}`);
  if (asButtons.length === 0 || !client.keyboard) {
    const labels = client.keyboard
      ? []
      : asButtons.map(({ label, url }) => (url ? `${label}: ${url}` : `– ${label}`));
    return {
      ...(standing === false ? {} : { keyboard: NONE }),
      regular: false,
      written: [...written, ...labels],
    };
  }
  // Two keyboards at once would leave old buttons to press: while one stands under the field, it is replaced.
  const inline = standing === true ? undefined : inlineOf(asButtons, message.layout, client);
  if (inline !== undefined) return { keyboard: inline, regular: false, written };
  return { keyboard: regularOf(asButtons, message.layout), regular: true, written };
}

/** Buttons under a message, for an app that shows them; absent where it does not, or they are too many. */
export function inlineOf(
  choices: readonly Choice[],
  layout: Message['layout'],
  client: PersonClient,
): string | undefined {
  const silent = choices.some((choice) => choice.url === undefined);
  if (!client.inline || (silent && !client.actions.includes('callback'))) return undefined;
  if (choices.length > MOST_INLINE) return undefined;
  const lines = rows(choices, layout, INLINE);
  return built(Keyboard.builder().inline(), lines, 6, (builder, { id, label }) =>
    builder.callbackButton({ label, payload: { b: id } }),
  );
}

function regularOf(choices: readonly Choice[], layout: Message['layout']): string {
  const keyboard = built(
    Keyboard.builder().oneTime(),
    rows(choices, layout, VK_ABILITIES),
    10,
    (builder, { id, label }) => builder.textButton({ label, payload: { b: id } }),
  );
  if (keyboard === undefined) throw new DeliveryError('never', 'bad_buttons');
  return keyboard;
}

/** Links stand in lines of their own: VK shows them wide. Absent: more lines than there may be. */
function built(
  builder: KeyboardBuilder,
  lines: readonly (readonly Choice[])[],
  most: number,
  button: (builder: KeyboardBuilder, choice: Choice) => unknown,
): string | undefined {
  let count = 0;
  for (const line of lines) {
    const presses = line.filter((choice) => choice.url === undefined);
    const links = line.filter((choice) => choice.url !== undefined);
    for (const choice of presses) button(builder, choice);
    builder.row();
    for (const { label, url = '' } of links) builder.urlButton({ label, url }).row();
    count += (presses.length > 0 ? 1 : 0) + links.length;
  }
  return count > most ? undefined : String(builder);
}

function check({ id, label, url }: Choice): void {
  const fits =
    label !== '' &&
    label.length <= LABEL &&
    (url !== undefined || (id !== '' && JSON.stringify({ b: id }).length <= DATA));
  if (!fits) throw new DeliveryError('never', 'bad_buttons');
}
