// Asks to choose one or several of prepared options, or one of the contact's tickets. Options are known by id,
// never by label: a label may be reworded at any time.
import { z } from 'zod';
import type { Option, Value } from '../../core/expect.ts';
import type { Vars } from '../../text/texts.ts';
import type { Go, Question, QuestionOption, Say } from '../flow.ts';
import {
  type CommonSpec,
  type CompileContext,
  defineKind,
  type NodeParts,
  nodeId,
  OPTION_ID,
  text,
} from '../kind.ts';

/** A bound on words of one's own; long enough for a complaint told in one breath. */
const OWN_WORDS = 2000;
/** More do not fit the keyboard of every channel: those show a numbered list. */
const KEYBOARD = 10;
const MOST = 50;
const LABEL = 40;

const option = z.union([text, z.strictObject({ text, go: nodeId.optional() })]);

const schema = z.object({
  choose: z.enum(['one', 'many']).describe('one: a press is the answer; many: ticked, then done'),
  text,
  options: z
    .record(z.string().regex(OPTION_ID), option)
    .optional()
    .describe('id: text, or id: {text, go}; in the order shown'),
  from: z
    .literal('tickets')
    .optional()
    .describe("In place of options: the contact's own tickets, newest first"),
  none: nodeId.optional().describe('With from: the node to go to when there is none'),
  free: z.boolean().optional().describe('Words of one’s own are an answer too'),
});
type Spec = z.infer<typeof schema> & CommonSpec;

export const choose = defineKind({
  kind: 'choose',
  about:
    'Asks to choose one or several options; an option can lead to a node of its own. The answer is the option’s id.',
  schema,
  common: ['go', 'title', 'optional', 'again'],
  answer: (spec) => ({
    type: spec.choose === 'many' ? 'choices' : 'choice',
    ...(spec.options ? { options: Object.keys(spec.options) } : {}),
  }),
  compile: (spec, context) => {
    if (spec.from !== undefined) return fromTickets(spec, context);
    return fromOptions(spec, context);
  },
});

function fromOptions(spec: Spec, context: CompileContext): NodeParts {
  const words = context.text(spec.text, ['text']);
  const ids = context.keys(['options']);
  const many = spec.choose === 'many';
  const what = { say: new Map<string, Say>(), go: new Map<string, string>() };
  if (spec.none !== undefined) {
    context.fault(['none'], 'unknown_key', '"none" goes with "from: tickets" only.', 'Remove it.');
  }
  if (ids.length === 0) {
    const remedy = 'Write "options:" with at least one "id: text", or "from: tickets".';
    context.fault(['choose'], 'bad_value', 'There is nothing to choose from.', remedy);
  }
  if (ids.length > MOST) {
    const message = `${ids.length} options are too many to read; at most ${MOST} are allowed.`;
    context.fault(
      ['options'],
      'too_many_options',
      message,
      'Ask in two steps, from the general to the particular.',
    );
  } else if (ids.length > KEYBOARD) {
    const message = `${ids.length} options do not fit every channel's keyboard (${KEYBOARD}); there they become a numbered list.`;
    context.fault(['options'], 'many_options', message, 'Ask in two steps if that reads badly.', 'warning');
  }
  for (const id of ids) {
    const entry = spec.options?.[id];
    if (entry === undefined) continue;
    const detailed = typeof entry === 'object' && 'text' in entry && entry.text !== undefined;
    const label = detailed ? entry.text : (entry as string | Record<string, string>);
    if (label === undefined) continue;
    what.say.set(id, context.text(label, detailed ? ['options', id, 'text'] : ['options', id], 'label'));
    if (!detailed || typeof entry.go !== 'string') continue;
    if (many) {
      const remedy = 'Put a branch node after it: { if: "\'id\' in node", go: … }.';
      context.fault(['options', id, 'go'], 'bad_value', 'Several options cannot each lead away.', remedy);
    } else {
      what.go.set(id, context.node(entry.go, ['options', id, 'go']));
    }
  }

  for (const locale of context.locales) {
    const seen = new Map<string, string>();
    for (const [id, say] of what.say) {
      const label = say(locale).trim().toLowerCase();
      const twin = label === '' ? undefined : seen.get(label);
      if (twin !== undefined) {
        const message = `"${id}" reads the same as "${twin}" in "${locale}": an answer in words could mean both.`;
        context.fault(['options', id], 'same_label', message, 'Word them differently, or make one of them.');
      }
      seen.set(label, id);
    }
  }

  const free = spec.free === true ? { max: OWN_WORDS } : undefined;
  const ends = [...what.say];
  const labels: readonly Option[] = ends.map(([id, say]) => ({
    id,
    labels: [...new Set(context.locales.map((locale) => say(locale)))],
  }));
  const expect = { kind: many ? 'many' : 'options', options: labels, numbered: false } as const;
  const inWords = (locale: string, vars: Vars): readonly QuestionOption[] =>
    ends.map(([id, say]) => ({ id, label: say(locale, vars) }));
  // Labels that put in nothing of the talk read the same in every one.
  const fixed = new Map<string, readonly QuestionOption[]>();
  for (const locale of context.locales) {
    let asks = false;
    const options = inWords(locale, () => {
      asks = true;
      return undefined;
    });
    if (!asks) fixed.set(locale, options);
  }
  const shown = (id: string, locale: string): string => what.say.get(id)?.(locale) ?? id;
  const everyLeads =
    ids.every((id) => what.go.has(id)) && !many && free === undefined && spec.optional !== true;
  return {
    falls: !everyLeads,
    waits: true,
    ask: ({ locale, vars }): Question => ({
      text: words(locale, vars),
      options: fixed.get(locale) ?? inWords(locale, vars),
      layout: 'list',
      expect,
      ...(free ? { free } : {}),
    }),
    ...(what.go.size > 0
      ? {
          after: (value: Value | undefined): Go => {
            const to = typeof value === 'string' ? what.go.get(value) : undefined;
            return to === undefined ? 'next' : { to };
          },
        }
      : {}),
    show: (value, locale) => {
      if (typeof value === 'string') return shown(value, locale);
      if (!Array.isArray(value)) return String(value);
      return value.map((id) => (typeof id === 'string' ? shown(id, locale) : '')).join(', ');
    },
  };
}

function fromTickets(spec: Spec, context: CompileContext): NodeParts {
  const words = context.text(spec.text, ['text']);
  const wrong = (field: 'options' | 'free' | 'choose', message: string): void =>
    context.fault([field], 'bad_value', message, 'Remove it, or remove "from".');
  if (spec.options) wrong('options', 'A node chooses from "options" or from tickets, not from both.');
  if (spec.free === true) wrong('free', 'A ticket cannot be given in words of one’s own.');
  if (spec.choose === 'many') wrong('choose', 'One ticket at a time is chosen: "choose: one".');
  if (spec.none === undefined) {
    const remedy = 'Add "none: <node>", where to go then.';
    context.fault(['from'], 'bad_value', 'A contact may have no ticket.', remedy);
  }
  const none = spec.none === undefined ? undefined : context.node(spec.none, ['none']);
  return {
    falls: true,
    waits: true,
    ...(none === undefined ? {} : { skip: (at) => (at.tickets().length === 0 ? none : undefined) }),
    ask: (at) => {
      const tickets = at.tickets().slice(0, KEYBOARD);
      const options = tickets.map((ticket) => ({
        id: ticket.id,
        label: cut(`${ticket.number} · ${at.status(ticket)} · ${ticket.subject}`, LABEL),
      }));
      return {
        text: words(at.locale, at.vars),
        options,
        layout: 'list',
        expect: {
          kind: 'options',
          numbered: false,
          options: tickets.map((ticket, index) => ({
            id: ticket.id,
            labels: [ticket.number, options[index]?.label ?? ticket.number],
          })),
        },
      };
    },
    show: (value, _locale, tickets) =>
      tickets?.find((ticket) => ticket.id === value)?.number ?? String(value),
  };
}

/** By whole characters as a reader counts them near enough: never half a surrogate pair. */
function cut(label: string, most: number): string {
  const characters = [...label.replace(/\s+/g, ' ').trim()];
  return characters.length <= most
    ? characters.join('')
    : `${characters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}
