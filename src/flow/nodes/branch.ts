// Goes where the first condition that holds leads. It says nothing and asks nothing.
import { z } from 'zod';
import { defineKind, nodeId } from '../kind.ts';

export const branch = defineKind({
  kind: 'branch',
  about: 'Goes where the first condition that holds leads; the last line is "else".',
  schema: z.object({
    branch: z
      .array(
        z.union([
          z.strictObject({
            if: z
              .string()
              .min(1)
              .describe("A condition over answers, e.g. score <= 6, 'price' in why, has_answer(comment)"),
            go: nodeId,
          }),
          z.strictObject({ else: nodeId }),
        ]),
      )
      .min(1)
      .max(50),
  }),
  common: [],
  compile: (spec, context) => {
    const last = spec.branch.length - 1;
    const rows = spec.branch.map((row, index) => {
      if ('else' in row) {
        if (index < last) {
          const message = 'What stands after "else" is never reached.';
          context.fault(['branch', index, 'else'], 'else_not_last', message, 'Move "else" to the end.');
        }
        return { holds: undefined, to: context.node(row.else, ['branch', index, 'else']) };
      }
      return {
        holds: context.condition(row.if, ['branch', index, 'if']).holds,
        to: context.node(row.go, ['branch', index, 'go']),
      };
    });
    if (!spec.branch.some((row) => 'else' in row)) {
      const message = 'When no condition holds there is nowhere to go.';
      context.fault(['branch'], 'no_else', message, 'Add a last line "- { else: <node> }".');
    }
    return {
      falls: false,
      waits: false,
      pass: ({ answers }) => {
        for (const { holds, to } of rows) if (!holds || holds(answers)) return { do: 'go', to };
        return { do: 'end' };
      },
    };
  },
});
