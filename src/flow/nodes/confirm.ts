// Shows the answers given and lets each one be corrected; a corrected answer leads back here.
import { z } from 'zod';
import type { Go } from '../flow.ts';
import { answerId, defineKind, text } from '../kind.ts';

const OK = 'ok';

export const confirm = defineKind({
  kind: 'confirm',
  about: 'Shows the answers of the nodes named; each can be corrected, then it is shown again.',
  schema: z.object({
    confirm: z.array(answerId).min(1).max(15).describe('The nodes whose answers are shown, in order'),
    text,
    ok: text.optional().describe('The label of "all right"'),
  }),
  common: ['go', 'title', 'again'],
  answer: (spec) => ({ type: 'choice', options: [OK, ...spec.confirm] }),
  compile: (spec, context) => {
    const words = context.text(spec.text, ['text']);
    const ok = spec.ok === undefined ? context.own(OK) : context.text(spec.ok, ['ok'], 'label');
    const fix = context.own('fix');
    const fields = spec.confirm.map((id, index) => {
      if (id === OK) {
        const message =
          'A node that is shown for confirmation cannot be called "ok": that is the answer "all right".';
        context.fault(['confirm', index], 'bad_value', message, 'Rename the node.');
      }
      context.answerOf(id, ['confirm', index]);
      return { id: context.node(id, ['confirm', index]), title: context.titleOf(id, ['confirm', index]) };
    });
    const shown: ReadonlySet<string> = new Set(spec.confirm);
    return {
      falls: true,
      waits: true,
      ask: ({ locale, vars, answers }) => {
        const given = fields.filter(({ id }) => Object.hasOwn(answers, id));
        const lines = given.map(({ id, title }) => `${title(locale, vars)}: ${vars(id) ?? ''}`);
        const options = [
          { id: OK, label: ok(locale, vars) },
          ...given.map(({ id, title }) => ({ id, label: fix(locale, { title: title(locale, vars) }) })),
        ];
        const labels = (id: string, label: string, title?: string): { id: string; labels: string[] } => ({
          id,
          labels: title === undefined ? [label] : [label, title],
        });
        return {
          text: [words(locale, vars), lines.join('\n')].filter((part) => part !== '').join('\n\n'),
          options,
          layout: 'list',
          expect: {
            kind: 'options',
            numbered: false,
            options: options.map(({ id, label }) =>
              labels(id, label, given.find((field) => field.id === id)?.title(locale, vars)),
            ),
          },
        };
      },
      after: (value): Go =>
        typeof value === 'string' && value !== OK && shown.has(value) ? { to: value, andBack: true } : 'next',
      show: (value, locale) => (value === OK ? ok(locale) : String(value)),
    };
  },
});
