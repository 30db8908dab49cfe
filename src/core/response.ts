// One filled survey, partial or complete.
import type { Value } from './expect.ts';

export const METRICS = ['nps', 'csat', 'ces', 'faces', 'thumbs'] as const;
export type Metric = (typeof METRICS)[number];

export interface Response {
  /** Fixed when the talk begins, so that recording twice is recording once. */
  readonly id: string;
  readonly contact: string;
  readonly channel: string;
  readonly account: string;
  readonly locale: string;
  readonly flow: string;
  /** Content hash of the flow it was asked in. */
  readonly flowVersion: string;
  readonly state: 'partial' | 'complete';
  readonly metric: Metric;
  /** In the metric's own scale; absent while not answered. */
  readonly score?: number;
  readonly reasons: readonly string[];
  readonly comment?: string;
  /** May a person contact them about it. Absent: not asked or not answered. */
  readonly contactAllowed?: boolean;
  /** What was rated. */
  readonly touchpoint: string;
  /** Every answer by node, as given. */
  readonly answers: Readonly<Record<string, Value>>;
  /** The last node asked: where the drop-off is. */
  readonly lastNode: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly at: number;
}
