// Says something and goes on. It may carry links; it asks nothing.
import { z } from 'zod';
import type { Choice } from '../../core/message.ts';
import { defineKind, text } from '../kind.ts';

export const say = defineKind({
  kind: 'say',
  about: 'Says something and goes on. Links open a page.',
  schema: z.object({
    say: text,
    links: z
      .array(
        z.strictObject({
          text,
          url: z
            .url({ protocol: /^https$/, error: 'must be a whole address that begins with https://' })
            .describe('Where the button leads; https only'),
        }),
      )
      .min(1)
      .max(10)
      .optional()
      .describe('Buttons that open a page'),
  }),
  common: ['go'],
  compile: (spec, context) => {
    const words = context.text(spec.say, ['say']);
    const links = (spec.links ?? []).map((link, index) => ({
      label: context.text(link.text, ['links', index, 'text'], 'label'),
      url: link.url,
    }));
    return {
      falls: true,
      waits: false,
      pass: ({ locale, vars }) => {
        const said = words(locale, vars);
        if (links.length === 0) return { do: 'say', message: { text: said } };
        const choices: Choice[] = links.map(({ label, url }) => ({
          id: '',
          label: label(locale, vars),
          url,
        }));
        return { do: 'say', message: { text: said, choices } };
      },
    };
  },
});
