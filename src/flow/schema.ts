// The JSON Schema of flows/*.yaml, made from the registry of kinds, so that editors complete what the check accepts.
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { header } from './header.ts';
import { ID } from './kind.ts';
import { KINDS } from './nodes/index.ts';

type Json = Record<string, unknown>;

export function flowSchema(): Json {
  const { nodes: _, ...shape } = header.shape;
  const head = made(z.strictObject(shape));
  const properties = head.properties as Json;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A flow of Otklik',
    description:
      'A dialogue. README tells the form in words; "npm run otklik check" finds what a schema cannot.',
    type: 'object',
    additionalProperties: false,
    required: ['flow', 'nodes'],
    properties: {
      ...properties,
      nodes: {
        type: 'object',
        description: header.shape.nodes.description,
        minProperties: 1,
        propertyNames: { pattern: ID.source },
        additionalProperties: { $ref: '#/$defs/node' },
      },
    },
    $defs: {
      node: {
        description: 'One place of the dialogue: a mapping with exactly one kind.',
        oneOf: [...KINDS.keys()].map((kind) => ({ $ref: `#/$defs/${kind}` })),
      },
      ...Object.fromEntries(
        [...KINDS.values()].map(({ kind, about, schema }) => [
          kind,
          { title: kind, description: about, ...made(schema) },
        ]),
      ),
    },
  };
}

export function schemaSource(): string {
  return `${JSON.stringify(flowSchema(), null, 2)}\n`;
}

/** To `flows/flow.schema.json`, where the first line of every flow points. */
export function writeSchema(file: string): void {
  writeFileSync(file, schemaSource());
}

function made(schema: z.ZodObject): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}
