// The shipped JSON Schema is what the registry makes; writeSchema() writes it anew after a change on purpose.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KINDS } from '../../src/flow/nodes/index.ts';
import { flowSchema, schemaSource } from '../../src/flow/schema.ts';

const SHIPPED = join(import.meta.dirname, '../../flows/flow.schema.json');

describe('the JSON Schema', () => {
  test('is the one that the registry makes', () => {
    expect(readFileSync(SHIPPED, 'utf8')).toBe(schemaSource());
  });

  test('has every kind with its words, its own key required and nothing unknown allowed', () => {
    const schema = JSON.parse(schemaSource());
    expect(schema.$defs.node.oneOf).toHaveLength(KINDS.size);
    for (const { kind, about, fields } of KINDS.values()) {
      const made = schema.$defs[kind];
      expect(made.description).toBe(about);
      expect(made.required).toContain(kind);
      expect(made.additionalProperties).toBe(false);
      expect(Object.keys(made.properties).sort()).toEqual([...fields].sort());
    }
  });

  test('tells what each field of a question is for', () => {
    const text = JSON.stringify(flowSchema());
    for (const words of ['May be skipped', 'The measure, which sets the scale', 'has_answer(comment)']) {
      expect(text).toContain(words);
    }
  });
});
