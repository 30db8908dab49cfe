// Asks for a score on one of the scales that have a measure. The scale is the measure's own and cannot be changed.
import { z } from 'zod';
import { METRICS, type Metric } from '../../core/response.ts';
import type { QuestionOption } from '../flow.ts';
import { defineKind, text } from '../kind.ts';

export interface Scale {
  readonly min: number;
  readonly max: number;
  /** In place of the numbers, from `min` up. */
  readonly faces?: readonly string[];
}

export const SCALES = {
  nps: { min: 0, max: 10 },
  csat: { min: 1, max: 5 },
  ces: { min: 1, max: 7 },
  faces: { min: 1, max: 3, faces: ['😞', '😐', '🙂'] },
  thumbs: { min: 0, max: 1, faces: ['👎', '👍'] },
} as const satisfies Record<Metric, Scale>;

export const rate = defineKind({
  kind: 'rate',
  about:
    'Asks for a score: nps 0–10, csat 1–5, ces 1–7, faces 1–3 (😞😐🙂), thumbs 0–1 (👎👍). The answer is a number.',
  schema: z.object({ rate: z.enum(METRICS).describe('The measure, which sets the scale'), text }),
  common: ['go', 'title', 'optional', 'again'],
  answer: () => ({ type: 'number' }),
  compile: (spec, context) => {
    const words = context.text(spec.text, ['text']);
    const scale: Scale = SCALES[spec.rate];
    const { min, max, faces } = scale;
    const options: QuestionOption[] = [];
    for (let score = min; score <= max; score++) {
      options.push({ id: String(score), label: faces?.[score - min] ?? String(score) });
    }
    const expect = { kind: 'scale', min, max, ...(faces ? { faces } : {}) } as const;
    return {
      falls: true,
      waits: true,
      ask: ({ locale, vars }) => ({ text: words(locale, vars), options, layout: 'scale', expect }),
      ...(faces ? { show: (value) => faces[Number(value) - min] ?? String(value) } : {}),
    };
  },
});
